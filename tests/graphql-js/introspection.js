// Lets graphql-js answer introspection with what the server says of itself, so that the words of
// descriptions and the order of types are the server's, and the shape of the answer is not.
import { SchemaMetaFieldDef, TypeMetaFieldDef, getIntrospectionQuery, introspectionTypes } from "graphql";

export async function introspect(server) {
  const query = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  return (await server.run(query)).__schema;
}

export function answerWith(found) {
  const types = new Map(found.types.map((type) => [type.name, type]));
  // A reference to a type by its name becomes the type.
  const linked = (value) => {
    if (Array.isArray(value)) return value.map(linked);
    if (value && typeof value === "object") {
      const whole = value.name && !("fields" in value) && "kind" in value ? types.get(value.name) : undefined;
      return whole ?? value;
    }
    return value;
  };
  for (const type of introspectionTypes) {
    for (const [name, field] of Object.entries(type.getFields?.() ?? {})) {
      field.resolve = (source, args) => {
        const value = linked(source[name]);
        if (!Array.isArray(value) || args.includeDeprecated !== false) return value;
        return value.filter((item) => !item.isDeprecated);
      };
    }
  }
  // What the query for all of it gives by name only.
  for (const name of ["queryType", "mutationType", "subscriptionType"]) {
    if (found[name]) found[name] = types.get(found[name].name);
  }
  SchemaMetaFieldDef.resolve = () => found;
  TypeMetaFieldDef.resolve = (_source, { name }) => types.get(name) ?? null;
}
