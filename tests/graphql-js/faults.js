// What breaks a valid document: for every rule of the specification some ways to break it.
import { Kind, getNamedType, getNullableType, isAbstractType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, isRequiredArgument, isRequiredInputField, parse, parseValue } from "graphql";
import * as n from "./nodes.js";

const clone = (node) => structuredClone(node);
const onlyObjects = (schema) => Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith("__"));
const definitionOf = (at, variable) => at.definitions.filter((one) => one.variable.name.value === variable.name.value);

// Literals that do not fit, but look as if they might.
export function wrongLiterals(type) {
  const wrong = isNonNullType(type) ? ["null"] : [];
  const inner = getNullableType(type);
  const named = getNamedType(inner);
  if (isListType(inner)) {
    const items = wrongLiterals(inner.ofType);
    return [...wrong, ...items.map((item) => `[${item}]`), ...items.filter((item) => item !== "null"), "[[[1]]]"];
  }
  if (isEnumType(named)) return [...wrong, JSON.stringify(named.getValues()[0].name), "NO_SUCH_WORD", named.getValues()[0].name.toLowerCase(), "1", "true", "{}"];
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const first = fields[0].name;
    wrong.push('"x"', "1", "true", "WORD", "[{}]", "{noSuchField: 1}", "{_: null}");
    if (named.isOneOf) wrong.push("{}", `{${fields.map((field) => `${field.name}: "a"`).join(", ")}}`, `{${first}: null}`, `{${first}: "a", ${fields[1].name}: null}`);
    if (fields.some(isRequiredInputField)) wrong.push("{}");
    return wrong;
  }
  switch (named.name) {
    case "Int":
      return [...wrong, "2147483648", "-2147483649", "3000000000", "1.0", "1e2", '"1"', "true", "ASC", "{}", "[1]", "99999999999999999999"];
    case "ID":
      return [...wrong, "1.5", "true", "abc", "{}", '["a"]'];
    case "Boolean":
      return [...wrong, '"true"', "1", "0", "TRUE", "True", "[true]", "{}"];
    case "DateTime":
      return [...wrong, "5", '"yesterday"', '"2026-13-01T00:00:00Z"', '"2026-02-30T00:00:00Z"', '"2026-01-01"', '"2026-01-01T00:00:00"', "true", "NOW", '["2026-01-01T00:00:00Z"]', "{}", '""', "1.5"];
    case "JSON":
      return [...wrong, "1", '"{}"', "true", "[{}]", "WORD", "0.5", "{a: $undefinedOne}"];
    default:
      return [...wrong, "1", "1.5", "true", "word", "{}", '["a"]'];
  }
}

// Gives a place a literal that does not fit.
function misfit(at, random, pick = () => true) {
  const places = at.values.filter((place) => place.type && place.node.kind !== Kind.VARIABLE && pick(place));
  if (!places.length) return false;
  const place = random.pick(places);
  place.holder[place.key] = parseValue(random.pick(wrongLiterals(place.type)), { noLocation: true });
  return true;
}

function addSelection(at, random, make, pick = () => true) {
  const set = random.pick(at.sets.filter(pick));
  const made = set && make(set);
  if (!made) return false;
  set.node.selections = random.shuffled([...set.node.selections, ...[made].flat()]);
  return true;
}

const withField = ({ type }) => isObjectType(type) || isAbstractType(type);

// Two fields under one key that cannot be one.
function conflict(at, random, { schema }) {
  const holders = at.fields.filter(({ node, def, parent }) => def && parent && !node.name.value.startsWith("__"));
  if (!holders.length) return false;
  const { node, parent, def, holder } = random.pick(holders);
  const key = node.alias?.value ?? node.name.value;
  let other = clone(node);
  const args = node.arguments ?? [];
  const ways = ["field", "typename", "argument", "list", "type", "below"];
  switch (random.pick(ways)) {
    case "field": {
      const fields = Object.values(parent.getFields()).filter((one) => one.name !== node.name.value && isLeafType(getNamedType(one.type)) && !one.args.length);
      if (!fields.length) return false;
      other = n.field(random.pick(fields).name, { alias: key });
      break;
    }
    case "typename":
      other = n.field("__typename", { alias: key });
      break;
    case "argument": {
      const free = def.args.filter((arg) => !args.some((one) => one.name.value === arg.name) && ["Int", "String", "Boolean"].includes(String(arg.type)));
      if (args.length && random.chance(0.5)) other.arguments = args.filter((arg) => def.args.find((one) => one.name === arg.name.value && isRequiredArgument(one))).map(clone);
      else if (free.length) {
        const arg = random.pick(free);
        other.arguments = [...args.map(clone), n.argument(arg.name, { Int: n.int(1), String: n.text("x"), Boolean: n.boolean(true) }[String(arg.type)])];
      } else return false;
      break;
    }
    case "list": {
      const lists = other.arguments.map((arg) => arg.value).filter((value) => value.kind === Kind.LIST);
      const fields = other.arguments.flatMap((arg) => (arg.value.kind === Kind.OBJECT ? arg.value.fields : [])).map((one) => one.value).filter((value) => value.kind === Kind.LIST);
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
      const fields = Object.values(type.getFields()).filter((one) => String(one.type) !== String(def.type) && isLeafType(getNamedType(one.type)) && !one.args.length);
      if (!fields.length) return false;
      const extra = n.inline(type.name, [n.field(random.pick(fields).name, { alias: key })]);
      holder.push(n.inline("Node", [extra]));
      return true;
    }
    default: {
      if (!node.selectionSet) return false;
      const type = getNamedType(def.type);
      const leafs = Object.values(type.getFields?.() ?? {}).filter((one) => isLeafType(getNamedType(one.type)) && !one.args.length);
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

function repeated(at, random, pick) {
  const one = random.pick(at.objects.filter((place) => place.node.fields.length && pick(place)));
  return one !== undefined && one.node.fields.push(clone(random.pick(one.node.fields)));
}

const cycles = [
  (at) => [n.fragment("Loop", at, [n.field("__typename"), n.spread("Loop")])],
  (at) => [n.fragment("Loop", at, [n.spread("Back")]), n.fragment("Back", at, [n.inline(undefined, [n.spread("Loop")]), n.field("__typename")])],
];

// Another type for a variable: one that may not stand where the variable stands.
function otherType(at, random) {
  const used = at.variables.filter(({ node, type }) => type && definitionOf(at, node).length === 1);
  if (!used.length) return false;
  const { node, type } = random.pick(used);
  const [definition] = definitionOf(at, node);
  const nullable = getNullableType(type);
  const named = n.named(getNamedType(type).name);
  const ways = [n.named(random.pick(["String", "Int", "Boolean", "ID", "DateTime", "JSON"])), { kind: Kind.LIST_TYPE, type: named }];
  if (isNonNullType(type)) ways.push(n.typeNode(nullable), n.typeNode(nullable), n.typeNode(nullable));
  if (isListType(nullable)) ways.push(named, { kind: Kind.LIST_TYPE, type: n.typeNode(getNullableType(nullable.ofType)) }, { kind: Kind.NON_NULL_TYPE, type: named });
  definition.type = random.pick(ways);
  definition.defaultValue = random.chance(0.3) && definition.type.kind !== Kind.NON_NULL_TYPE ? n.nothing() : undefined;
  return true;
}

const each = (rule, ...ways) => ways.map((apply) => ({ rule, apply }));

export const FAULTS = [
  ...each(
    "ExecutableDefinitions",
    (at, random) => at.document.definitions.push(parse(random.pick(["type Extra { a: Int }", "extend type Query { a: Int }", "scalar Extra", "enum Extra { A }", "input Extra { a: Int }", "directive @extra on FIELD", "extend schema { query: Query }", "union Extra = Query"])).definitions[0]),
  ),
  ...each("UniqueOperationNames", (at) => at.document.definitions.push({ ...clone(at.operations[0]), name: n.name(at.operations[0].name?.value ?? "Same") }, n.operation("query", { key: at.operations[0].name?.value ?? "Same", selections: [n.field("__typename")] }))),
  ...each(
    "LoneAnonymousOperation",
    (at) => at.document.definitions.push(n.operation("query", { selections: [n.field("__typename")] })),
    (at) => at.document.definitions.unshift(n.operation("query", { selections: [n.field("__typename")] }), n.operation("query", { selections: [n.field("viewer", { selections: [n.field("id")] })] })),
  ),
  ...each(
    "SingleFieldSubscriptions",
    (at) => at.document.definitions.push(n.operation("subscription", { key: "Live", selections: [n.field("__typename")] })),
    (at, random, { schema }) => {
      const fields = Object.keys(schema.getSubscriptionType()?.getFields() ?? { some: 1 });
      at.document.definitions = [n.operation("subscription", { selections: ["a", "b"].map((alias) => n.field(fields[0], { alias, selections: [n.field("__typename")] })) })];
      return true;
    },
  ),
  ...each(
    "KnownTypeNames",
    (at, random) => addSelection(at, random, () => n.inline("NoSuchType", [n.field("id")])),
    (at) => at.definitions.length > 0 && ((at.definitions[0].type = n.named("NoSuchType")), true),
    (at, random) => addSelection(at, random, () => n.spread("Lost")) && at.document.definitions.push(n.fragment("Lost", "NoSuchType", [n.field("id")])),
  ),
  ...each(
    "FragmentsOnCompositeTypes",
    (at, random) => addSelection(at, random, () => n.inline(random.pick(["String", "ContactFilter", "OrderDirection", "DateTime"]), [n.field("id")])),
    (at, random) => addSelection(at, random, () => n.spread("Odd")) && at.document.definitions.push(n.fragment("Odd", random.pick(["Int", "JSON", "CreateContactInput", "__TypeKind"]), [n.field("id")])),
  ),
  ...each("VariablesAreInputTypes", (at, random) => {
    const type = n.named(random.pick(["Contact", "Node", "Query", "ContactConnection"]));
    const one = at.definitions[0];
    if (one) one.type = random.chance(0.5) ? type : { kind: Kind.LIST_TYPE, type };
    return Boolean(one);
  }),
  ...each(
    "ScalarLeafs",
    (at, random) => {
      const fields = at.fields.filter(({ node, def }) => def && !node.selectionSet);
      return fields.length > 0 && ((random.pick(fields).node.selectionSet = n.selectionSet([n.field("id")])), true);
    },
    (at, random) => {
      const fields = at.fields.filter(({ node }) => node.selectionSet);
      return fields.length > 0 && ((random.pick(fields).node.selectionSet = undefined), true);
    },
  ),
  ...each(
    "FieldsOnCorrectType",
    (at, random) => addSelection(at, random, () => n.field(random.pick(["noSuchField", "__nope", "ID", "displayname"]))),
    (at, random) => addSelection(at, random, () => n.field("__schema", { selections: [n.field("__typename")] }), ({ type }) => type?.name !== "Query"),
    (at, random) => addSelection(at, random, () => n.field("__type", { args: [n.argument("name", n.text("Query"))], selections: [n.field("name")] }), ({ type }) => type?.name !== "Query"),
    (at, random) => addSelection(at, random, () => n.field("displayName"), ({ type }) => isAbstractType(type)),
  ),
  ...each("UniqueFragmentNames", (at, random) => {
    const one = random.pick(at.fragments);
    return one !== undefined && at.document.definitions.push(n.fragment(one.name.value, one.typeCondition.name.value, [n.field("__typename")]));
  }),
  ...each(
    "KnownFragmentNames",
    (at, random) => addSelection(at, random, () => n.spread("NoSuchFragment")),
    (at) => at.fragments.length > 0 && (at.document.definitions.splice(at.document.definitions.indexOf(at.fragments[0]), 1), true),
  ),
  ...each(
    "NoUnusedFragments",
    (at) => at.document.definitions.push(n.fragment("Unused", "Contact", [n.field("id")])),
    (at) => at.document.definitions.push(n.fragment("One", "Contact", [n.field("id")]), n.fragment("Two", "Contact", [n.spread("One")])),
  ),
  ...each(
    "PossibleFragmentSpreads",
    (at, random, { schema }) => addSelection(at, random, ({ type }) => n.inline(random.pick(onlyObjects(schema).filter((one) => one !== type)).name, [n.field("__typename")]), ({ type }) => isObjectType(type)),
    (at, random, { schema }) => {
      const set = random.pick(at.sets.filter(({ type }) => isObjectType(type)));
      if (!set) return false;
      set.node.selections.push(n.spread("Elsewhere"));
      return at.document.definitions.push(n.fragment("Elsewhere", random.pick(onlyObjects(schema).filter((one) => one !== set.type)).name, [n.field("__typename")]));
    },
    (at, random) => addSelection(at, random, () => n.inline("Node", [n.field("id")]), ({ type }) => isObjectType(type) && !type.getInterfaces().length),
  ),
  ...each("NoFragmentCycles", (at, random) => {
    const set = random.pick(at.sets.filter(withField));
    set.node.selections.push(n.spread("Loop"));
    return at.document.definitions.push(...random.pick(cycles)(set.type.name));
  }),
  ...each("UniqueVariableNames", (at, random) => {
    const operation = at.operations[0];
    const one = operation.variableDefinitions?.[0];
    return one !== undefined && ((operation.variableDefinitions = [...operation.variableDefinitions, random.chance(0.5) ? clone(one) : n.variableDefinition(one.variable.name.value, n.named("Int"))]), true);
  }),
  ...each(
    "NoUndefinedVariables",
    (at, random) => at.variables.length > 0 && ((random.pick(at.variables).node.name = n.name("undefinedOne")), true),
    (at) => {
      const operation = at.operations[0];
      if (!operation.variableDefinitions?.length) return false;
      operation.variableDefinitions = operation.variableDefinitions.slice(1);
      return true;
    },
    (at, random) => {
      const places = at.values.filter(({ node, type, holder }) => type && node.kind !== Kind.VARIABLE && holder.kind !== Kind.VARIABLE_DEFINITION);
      if (!places.length) return false;
      const place = random.pick(places);
      const inner = place.node.kind === Kind.OBJECT && getNamedType(place.type).name === "JSON";
      if (inner) place.node.fields.push(n.objectField("x", n.variable("undefinedOne")));
      else place.holder[place.key] = n.variable("undefinedOne");
      return true;
    },
    (at, random) => {
      const one = random.pick(at.objects.filter(({ type }) => type?.name === "JSON"));
      return one !== undefined && one.node.fields.push(n.objectField("deep", n.object([n.objectField("x", n.list([n.variable("undefinedOne")]))])));
    },
    (at, random) => random.pick(at.selections).node.directives.push(n.directive("skip", [n.argument("if", n.variable("undefinedOne"))])),
    (at, random) => {
      // In one of two operations that share their fragments.
      const [first] = at.operations;
      if (!first.name || !first.variableDefinitions?.length) return false;
      return at.document.definitions.push({ ...clone(first), name: n.name("Twin"), variableDefinitions: random.shuffled(first.variableDefinitions).slice(1).map(clone) });
    },
  ),
  ...each("NoUnusedVariables", (at, random) => {
    const operation = at.operations[0];
    operation.variableDefinitions = [...(operation.variableDefinitions ?? []), n.variableDefinition("unusedOne", n.named(random.pick(["Int", "ContactFilter", "JSON"])), random.chance(0.3) ? n.nothing() : undefined)];
    return true;
  }),
  ...each(
    "KnownDirectives",
    (at, random) => random.pick(at.selections).node.directives.push(n.directive(random.pick(["noSuchDirective", "defer", "stream", "Skip", "client"]))),
    (at, random) => at.operations[0].directives.push(random.pick([n.directive("skip", [n.argument("if", n.boolean(false))]), n.directive("nope"), n.directive("include", [n.argument("if", n.boolean(true))])])),
    (at, random) => random.pick(at.selections).node.directives.push(random.pick([n.directive("deprecated"), n.directive("oneOf"), n.directive("specifiedBy", [n.argument("url", n.text("x"))])])),
    (at, random) => at.fragments.length > 0 && random.pick(at.fragments).directives.push(n.directive("include", [n.argument("if", n.boolean(true))])),
    (at, random) => at.definitions.length > 0 && random.pick(at.definitions).directives.push(n.directive("skip", [n.argument("if", n.boolean(true))])),
  ),
  ...each("UniqueDirectivesPerLocation", (at, random) => {
    const key = random.pick(["skip", "include"]);
    const one = () => n.directive(key, [n.argument("if", n.boolean(random.chance(0.5)))]);
    return random.pick(at.selections).node.directives.push(one(), one());
  }),
  ...each(
    "KnownArgumentNames",
    (at, random) => random.pick(at.withArguments).node.arguments.push(n.argument(random.pick(["noSuchArgument", "IF", "First"]), n.int(1))),
    (at, random) => random.pick(at.selections).node.directives.push(n.directive("skip", [n.argument("if", n.boolean(false)), n.argument("reason", n.text("x"))])),
  ),
  ...each(
    "UniqueArgumentNames",
    (at, random) => {
      const one = random.pick(at.withArguments.filter(({ node }) => node.arguments.length));
      return one !== undefined && one.node.arguments.push(clone(one.node.arguments[0]));
    },
    (at, random) => {
      const one = random.pick(at.fields.filter(({ node }) => node.arguments.length));
      return one !== undefined && one.node.arguments.push(n.argument(one.node.arguments[0].name.value, n.nothing()));
    },
  ),
  ...each(
    "ValuesOfCorrectType",
    (at, random) => misfit(at, random),
    (at, random) => misfit(at, random, ({ holder }) => holder.kind === Kind.VARIABLE_DEFINITION),
    (at, random) => misfit(at, random, ({ node }) => node.kind === Kind.OBJECT || node.kind === Kind.LIST),
    (at, random) => misfit(at, random, ({ type }) => !isNonNullType(type) || random.chance(0.2)),
    (at, random) => misfit(at, random, ({ type }) => ["DateTime", "JSON", "Int"].includes(getNamedType(type).name)),
    (at, random) => {
      const one = random.pick(at.objects.filter(({ type }) => isInputObjectType(type)));
      return one !== undefined && one.node.fields.push(n.objectField("noSuchField", n.int(1)));
    },
    (at, random) => {
      const one = random.pick(at.objects.filter(({ node, type }) => isInputObjectType(type) && type.isOneOf && node.fields.length === 1));
      if (!one) return false;
      const other = Object.values(one.type.getFields()).find((field) => field.name !== one.node.fields[0].name.value);
      one.node.fields = random.pick([[], [n.objectField(other.name, n.nothing())], [...one.node.fields, n.objectField(other.name, n.nothing())]]);
      return true;
    },
    (at, random) => {
      const one = random.pick(at.objects.filter(({ node, type }) => isInputObjectType(type) && node.fields.some((field) => type.getFields()[field.name.value] && isRequiredInputField(type.getFields()[field.name.value]))));
      return one !== undefined && ((one.node.fields = one.node.fields.filter((field) => !isRequiredInputField(one.type.getFields()[field.name.value]))), true);
    },
  ),
  ...each(
    "ProvidedRequiredArguments",
    (at, random) => {
      const one = random.pick(at.fields.filter(({ def }) => def?.args.some(isRequiredArgument)));
      if (!one) return false;
      one.node.arguments = one.node.arguments.filter((arg) => !one.def.args.some((def) => def.name === arg.name.value && isRequiredArgument(def)));
      return true;
    },
    (at, random) => random.pick(at.selections).node.directives.push(n.directive(random.pick(["skip", "include"]))),
  ),
  ...each(
    "VariablesInAllowedPosition",
    otherType,
    otherType,
    (at, random) => {
      // A nullable variable within a list or an object that wants a value.
      const place = random.pick(at.values.filter(({ node, type, holder }) => type && holder.kind !== Kind.VARIABLE_DEFINITION && node.kind !== Kind.VARIABLE && at.operations.length === 1));
      if (!place) return false;
      const nullable = getNullableType(place.type);
      const type = random.pick([n.typeNode(nullable), { kind: Kind.LIST_TYPE, type: n.typeNode(place.type) }, n.named("String")]);
      place.holder[place.key] = n.variable("placed");
      at.operations[0].variableDefinitions = [...(at.operations[0].variableDefinitions ?? []), n.variableDefinition("placed", type, random.chance(0.3) ? n.nothing() : undefined)];
      return true;
    },
  ),
  ...each("OverlappingFieldsCanBeMerged", conflict, conflict, conflict),
  ...each(
    "UniqueInputFieldNames",
    (at, random) => repeated(at, random, () => true),
    (at, random) => repeated(at, random, ({ type }) => !isInputObjectType(type)),
    (at, random) => repeated(at, random, ({ type }) => isInputObjectType(type)),
    (at, random) => {
      const one = random.pick(at.definitions.filter(({ defaultValue }) => defaultValue?.kind === Kind.OBJECT && defaultValue.fields.length));
      return one !== undefined && one.defaultValue.fields.push(clone(one.defaultValue.fields[0]));
    },
  ),
  ...each("MaxIntrospectionDepth", (at, random) => {
    const type = (selections) => n.field("type", { selections });
    const fields = (selections) => n.field(random.pick(["fields", "fields"]), { selections });
    const deep = fields([type([fields([type([fields([type([fields([n.field("name")])])])])])])]);
    return at.document.definitions[0].selectionSet?.selections.push(n.field("__type", { alias: "deep", args: [n.argument("name", n.text("Query"))], selections: [deep] }));
  }),
];
