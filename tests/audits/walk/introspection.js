// The part of the schema that the walk needs.

export function getIntrospectionQuery() {
  const type = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
  return `{ __schema { types { kind name
    fields { name args { name type { ${type} } } type { ${type} } }
    inputFields { name type { ${type} } }
    enumValues { name } } } }`;
}

/** The name of a type without `!` and brackets. */
export function named(type) {
  return type.ofType ? named(type.ofType) : type.name;
}

/** True if a type is a list, whether it may be null or not. */
export function isList(type) {
  return type.kind === "LIST" || (type.kind === "NON_NULL" && isList(type.ofType));
}
