// Small makers of graphql-js' syntax nodes.
import { Kind, isListType, isNonNullType } from "graphql";

export const name = (value) => ({ kind: Kind.NAME, value });
export const named = (value) => ({ kind: Kind.NAMED_TYPE, name: name(value) });
export const variable = (value) => ({ kind: Kind.VARIABLE, name: name(value) });
export const int = (value) => ({ kind: Kind.INT, value: String(value) });
export const float = (value) => ({ kind: Kind.FLOAT, value: String(value) });
export const text = (value) => ({ kind: Kind.STRING, value, block: false });
export const boolean = (value) => ({ kind: Kind.BOOLEAN, value });
export const word = (value) => ({ kind: Kind.ENUM, value });
export const nothing = () => ({ kind: Kind.NULL });
export const list = (values) => ({ kind: Kind.LIST, values });
export const objectField = (key, value) => ({ kind: Kind.OBJECT_FIELD, name: name(key), value });
export const object = (fields) => ({ kind: Kind.OBJECT, fields });
export const argument = (key, value) => ({ kind: Kind.ARGUMENT, name: name(key), value });
export const directive = (key, args = []) => ({ kind: Kind.DIRECTIVE, name: name(key), arguments: args });
export const selectionSet = (selections) => ({ kind: Kind.SELECTION_SET, selections });
export const document = (definitions) => ({ kind: Kind.DOCUMENT, definitions });

export const field = (key, { alias, args = [], directives = [], selections } = {}) => ({
  kind: Kind.FIELD,
  alias: alias === undefined ? undefined : name(alias),
  name: name(key),
  arguments: args,
  directives,
  selectionSet: selections ? selectionSet(selections) : undefined,
});

export const inline = (condition, selections, directives = []) => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: condition ? named(condition) : undefined,
  directives,
  selectionSet: selectionSet(selections),
});

export const spread = (key, directives = []) => ({ kind: Kind.FRAGMENT_SPREAD, name: name(key), directives });

export const fragment = (key, condition, selections, directives = []) => ({
  kind: Kind.FRAGMENT_DEFINITION,
  name: name(key),
  typeCondition: named(condition),
  directives,
  selectionSet: selectionSet(selections),
});

export const operation = (kind, { key, variables = [], directives = [], selections }) => ({
  kind: Kind.OPERATION_DEFINITION,
  operation: kind,
  name: key ? name(key) : undefined,
  variableDefinitions: variables,
  directives,
  selectionSet: selectionSet(selections),
});

export const variableDefinition = (key, type, defaultValue) => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: variable(key),
  type,
  defaultValue,
  directives: [],
});

export function typeNode(type) {
  if (isNonNullType(type)) return { kind: Kind.NON_NULL_TYPE, type: typeNode(type.ofType) };
  if (isListType(type)) return { kind: Kind.LIST_TYPE, type: typeNode(type.ofType) };
  return named(type.name);
}

export function fromJson(value) {
  if (value === null) return nothing();
  if (Array.isArray(value)) return list(value.map(fromJson));
  if (typeof value === "object")
    return object(Object.entries(value).map(([key, item]) => objectField(key, fromJson(item))));
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return boolean(value);
  return Number.isInteger(value) ? int(value) : float(value);
}
