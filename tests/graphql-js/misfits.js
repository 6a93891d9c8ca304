// What looks as if it might fit, and does not: literals, types of variables, and fields under a key
// that is another field's.
import {
  Kind,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";
import * as n from "./nodes.js";

export const each = (rule, ...ways) => ways.map((apply) => ({ rule, apply }));
export const clone = (node) => structuredClone(node);
export const onlyObjects = (schema) =>
  Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith("__"));
const definitionOf = (at, variable) =>
  at.definitions.filter((one) => one.variable.name.value === variable.name.value);

// Literals that do not fit, but look as if they might.
export function wrongLiterals(type) {
  const wrong = isNonNullType(type) ? ["null"] : [];
  const inner = getNullableType(type);
  const named = getNamedType(inner);
  if (isListType(inner)) {
    const items = wrongLiterals(inner.ofType);
    return [
      ...wrong,
      ...items.map((item) => `[${item}]`),
      ...items.filter((item) => item !== "null"),
      "[[[1]]]",
    ];
  }
  if (isEnumType(named))
    return [
      ...wrong,
      JSON.stringify(named.getValues()[0].name),
      "NO_SUCH_WORD",
      named.getValues()[0].name.toLowerCase(),
      "1",
      "true",
      "{}",
    ];
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const first = fields[0].name;
    wrong.push('"x"', "1", "true", "WORD", "[{}]", "{noSuchField: 1}", "{_: null}");
    if (named.isOneOf)
      wrong.push(
        "{}",
        `{${fields.map((field) => `${field.name}: "a"`).join(", ")}}`,
        `{${first}: null}`,
        `{${first}: "a", ${fields[1].name}: null}`,
      );
    if (fields.some(isRequiredInputField)) wrong.push("{}");
    return wrong;
  }
  switch (named.name) {
    case "Int":
      return [
        ...wrong,
        "2147483648",
        "-2147483649",
        "3000000000",
        "1.0",
        "1e2",
        '"1"',
        "true",
        "ASC",
        "{}",
        "[1]",
        "99999999999999999999",
      ];
    case "ID":
      return [...wrong, "1.5", "true", "abc", "{}", '["a"]'];
    case "Boolean":
      return [...wrong, '"true"', "1", "0", "TRUE", "True", "[true]", "{}"];
    case "DateTime":
      return [
        ...wrong,
        "5",
        '"yesterday"',
        '"2026-13-01T00:00:00Z"',
        '"2026-02-30T00:00:00Z"',
        '"2026-01-01"',
        '"2026-01-01T00:00:00"',
        "true",
        "NOW",
        '["2026-01-01T00:00:00Z"]',
        "{}",
        '""',
        "1.5",
      ];
    case "JSON":
      return [...wrong, "1", '"{}"', "true", "[{}]", "WORD", "0.5", "{a: $undefinedOne}"];
    default:
      return [...wrong, "1", "1.5", "true", "word", "{}", '["a"]'];
  }
}

// Two fields under one key that cannot be one.
export function conflict(at, random, { schema }) {
  const holders = at.fields.filter(
    ({ node, def, parent }) => def && parent && !node.name.value.startsWith("__"),
  );
  if (!holders.length) return false;
  const { node, parent, def, holder } = random.pick(holders);
  const key = node.alias?.value ?? node.name.value;
  let other = clone(node);
  const args = node.arguments ?? [];
  const ways = ["field", "typename", "argument", "list", "type", "below"];
  switch (random.pick(ways)) {
    case "field": {
      const fields = Object.values(parent.getFields()).filter(
        (one) => one.name !== node.name.value && isLeafType(getNamedType(one.type)) && !one.args.length,
      );
      if (!fields.length) return false;
      other = n.field(random.pick(fields).name, { alias: key });
      break;
    }
    case "typename":
      other = n.field("__typename", { alias: key });
      break;
    case "argument": {
      const free = def.args.filter(
        (arg) =>
          !args.some((one) => one.name.value === arg.name) &&
          ["Int", "String", "Boolean"].includes(String(arg.type)),
      );
      if (args.length && random.chance(0.5))
        other.arguments = args
          .filter((arg) => def.args.find((one) => one.name === arg.name.value && isRequiredArgument(one)))
          .map(clone);
      else if (free.length) {
        const arg = random.pick(free);
        other.arguments = [
          ...args.map(clone),
          n.argument(
            arg.name,
            { Int: n.int(1), String: n.text("x"), Boolean: n.boolean(true) }[String(arg.type)],
          ),
        ];
      } else return false;
      break;
    }
    case "list": {
      const lists = other.arguments.map((arg) => arg.value).filter((value) => value.kind === Kind.LIST);
      const fields = other.arguments
        .flatMap((arg) => (arg.value.kind === Kind.OBJECT ? arg.value.fields : []))
        .map((one) => one.value)
        .filter((value) => value.kind === Kind.LIST);
      const all = [...lists, ...fields];
      if (!all.length) return false;
      const list = random.pick(all);
      list.values = list.values.length ? [...list.values, clone(list.values[0])] : [n.nothing()];
      if (random.chance(0.3)) list.values = list.values.slice(2);
      break;
    }
    case "type": {
      // Another concrete type has the same key, in another shape.
      const at = onlyObjects(schema).filter((type) => type !== parent);
      const type = random.pick(at);
      const fields = Object.values(type.getFields()).filter(
        (one) =>
          String(one.type) !== String(def.type) && isLeafType(getNamedType(one.type)) && !one.args.length,
      );
      if (!fields.length) return false;
      const extra = n.inline(type.name, [n.field(random.pick(fields).name, { alias: key })]);
      holder.push(n.inline("Node", [extra]));
      return true;
    }
    default: {
      if (!node.selectionSet) return false;
      const type = getNamedType(def.type);
      const leafs = Object.values(type.getFields?.() ?? {}).filter(
        (one) => isLeafType(getNamedType(one.type)) && !one.args.length,
      );
      if (leafs.length < 2) return false;
      const [a, b] = random.some(leafs, 2);
      node.selectionSet.selections.push(n.field(a.name, { alias: "zz" }));
      other.selectionSet.selections = [n.field(b.name, { alias: "zz" })];
    }
  }
  let made = other;
  if (random.chance(0.3)) made = n.inline(random.chance(0.5) ? parent.name : undefined, [made]);
  if (random.chance(0.2)) {
    at.document.definitions.push(n.fragment("Clash", parent.name, [made]));
    made = n.spread("Clash");
  }
  holder.splice(random.chance(0.5) ? 0 : holder.length, 0, made);
  return true;
}

// Another type for a variable: one that may not stand where the variable stands.
export function otherType(at, random) {
  const used = at.variables.filter(({ node, type }) => type && definitionOf(at, node).length === 1);
  if (!used.length) return false;
  const { node, type } = random.pick(used);
  const [definition] = definitionOf(at, node);
  const nullable = getNullableType(type);
  const named = n.named(getNamedType(type).name);
  const ways = [
    n.named(random.pick(["String", "Int", "Boolean", "ID", "DateTime", "JSON"])),
    { kind: Kind.LIST_TYPE, type: named },
  ];
  if (isNonNullType(type)) ways.push(n.typeNode(nullable), n.typeNode(nullable), n.typeNode(nullable));
  if (isListType(nullable))
    ways.push(
      named,
      { kind: Kind.LIST_TYPE, type: n.typeNode(getNullableType(nullable.ofType)) },
      { kind: Kind.NON_NULL_TYPE, type: named },
    );
  definition.type = random.pick(ways);
  definition.defaultValue =
    random.chance(0.3) && definition.type.kind !== Kind.NON_NULL_TYPE ? n.nothing() : undefined;
  return true;
}
