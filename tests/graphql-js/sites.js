// Where things stand in a document, with the types that are expected there.
import { Kind, TypeInfo, getNullableType, visit, visitWithTypeInfo } from "graphql";

const VALUES = new Set([
  Kind.VARIABLE,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
]);

export function sites(schema, document) {
  const found = {
    operations: [],
    fragments: [],
    definitions: [],
    variables: [],
    sets: [],
    fields: [],
    selections: [],
    values: [],
    objects: [],
    withArguments: [],
    directives: [],
  };
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      enter(node, key, holder) {
        if (node.arguments) found.withArguments.push({ node, args: info.getFieldDef()?.args ?? [] });
        switch (node.kind) {
          case Kind.OPERATION_DEFINITION:
            found.operations.push(node);
            found.directives.push(node);
            break;
          case Kind.FRAGMENT_DEFINITION:
            found.fragments.push(node);
            break;
          case Kind.VARIABLE_DEFINITION:
            found.definitions.push(node);
            break;
          case Kind.SELECTION_SET:
            found.sets.push({ node, type: info.getParentType() });
            break;
          case Kind.FIELD:
            found.fields.push({ node, key, holder, parent: info.getParentType(), def: info.getFieldDef() });
            found.selections.push({ node, type: info.getParentType() });
            break;
          case Kind.INLINE_FRAGMENT:
          case Kind.FRAGMENT_SPREAD:
            found.selections.push({ node });
            break;
        }
        if (
          VALUES.has(node.kind) &&
          !(node.kind === Kind.VARIABLE && holder?.kind === Kind.VARIABLE_DEFINITION && key === "variable")
        ) {
          const type = node.kind === Kind.LIST ? info.getParentInputType() : info.getInputType();
          const inList = Array.isArray(holder);
          found.values.push({ node, key, holder, type, inList });
          if (node.kind === Kind.OBJECT) found.objects.push({ node, type: type && getNullableType(type) });
          if (node.kind === Kind.VARIABLE)
            found.variables.push({
              node,
              key,
              holder,
              type,
              oneOf: getNullableType(info.getParentInputType())?.isOneOf === true,
            });
        }
      },
    }),
  );
  return found;
}
