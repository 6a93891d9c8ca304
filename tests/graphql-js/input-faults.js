// What breaks the rules for variables, arguments and values.
import {
  Kind,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  parseValue,
} from "graphql";
import * as n from "./nodes.js";
import { clone, each, otherType, wrongLiterals } from "./misfits.js";

// Gives a place a literal that does not fit.
function misfit(at, random, pick = () => true) {
  const places = at.values.filter((place) => place.type && place.node.kind !== Kind.VARIABLE && pick(place));
  if (!places.length) return false;
  const place = random.pick(places);
  place.holder[place.key] = parseValue(random.pick(wrongLiterals(place.type)), { noLocation: true });
  return true;
}

function repeated(at, random, pick) {
  const one = random.pick(at.objects.filter((place) => place.node.fields.length && pick(place)));
  return one !== undefined && one.node.fields.push(clone(random.pick(one.node.fields)));
}

export const INPUT_FAULTS = [
  ...each("UniqueVariableNames", (at, random) => {
    const operation = at.operations[0];
    const one = operation.variableDefinitions?.[0];
    return (
      one !== undefined &&
      ((operation.variableDefinitions = [
        ...operation.variableDefinitions,
        random.chance(0.5) ? clone(one) : n.variableDefinition(one.variable.name.value, n.named("Int")),
      ]),
      true)
    );
  }),
  ...each(
    "NoUndefinedVariables",
    (at, random) =>
      at.variables.length > 0 && ((random.pick(at.variables).node.name = n.name("undefinedOne")), true),
    (at) => {
      const operation = at.operations[0];
      if (!operation.variableDefinitions?.length) return false;
      operation.variableDefinitions = operation.variableDefinitions.slice(1);
      return true;
    },
    (at, random) => {
      const places = at.values.filter(
        ({ node, type, holder }) =>
          type && node.kind !== Kind.VARIABLE && holder.kind !== Kind.VARIABLE_DEFINITION,
      );
      if (!places.length) return false;
      const place = random.pick(places);
      const inner = place.node.kind === Kind.OBJECT && getNamedType(place.type).name === "JSON";
      if (inner) place.node.fields.push(n.objectField("x", n.variable("undefinedOne")));
      else place.holder[place.key] = n.variable("undefinedOne");
      return true;
    },
    (at, random) => {
      const one = random.pick(at.objects.filter(({ type }) => type?.name === "JSON"));
      return (
        one !== undefined &&
        one.node.fields.push(
          n.objectField("deep", n.object([n.objectField("x", n.list([n.variable("undefinedOne")]))])),
        )
      );
    },
    (at, random) =>
      random
        .pick(at.selections)
        .node.directives.push(n.directive("skip", [n.argument("if", n.variable("undefinedOne"))])),
    (at, random) => {
      // In one of two operations that share their fragments.
      const [first] = at.operations;
      if (!first.name || !first.variableDefinitions?.length) return false;
      return at.document.definitions.push({
        ...clone(first),
        name: n.name("Twin"),
        variableDefinitions: random.shuffled(first.variableDefinitions).slice(1).map(clone),
      });
    },
  ),
  ...each("NoUnusedVariables", (at, random) => {
    const operation = at.operations[0];
    operation.variableDefinitions = [
      ...(operation.variableDefinitions ?? []),
      n.variableDefinition(
        "unusedOne",
        n.named(random.pick(["Int", "ContactFilter", "JSON"])),
        random.chance(0.3) ? n.nothing() : undefined,
      ),
    ];
    return true;
  }),
  ...each(
    "KnownArgumentNames",
    (at, random) =>
      random
        .pick(at.withArguments)
        .node.arguments.push(n.argument(random.pick(["noSuchArgument", "IF", "First"]), n.int(1))),
    (at, random) =>
      random
        .pick(at.selections)
        .node.directives.push(
          n.directive("skip", [n.argument("if", n.boolean(false)), n.argument("reason", n.text("x"))]),
        ),
  ),
  ...each(
    "UniqueArgumentNames",
    (at, random) => {
      const one = random.pick(at.withArguments.filter(({ node }) => node.arguments.length));
      return one !== undefined && one.node.arguments.push(clone(one.node.arguments[0]));
    },
    (at, random) => {
      const one = random.pick(at.fields.filter(({ node }) => node.arguments.length));
      return (
        one !== undefined &&
        one.node.arguments.push(n.argument(one.node.arguments[0].name.value, n.nothing()))
      );
    },
  ),
  ...each(
    "ValuesOfCorrectType",
    (at, random) => misfit(at, random),
    (at, random) => misfit(at, random, ({ holder }) => holder.kind === Kind.VARIABLE_DEFINITION),
    (at, random) => misfit(at, random, ({ node }) => node.kind === Kind.OBJECT || node.kind === Kind.LIST),
    (at, random) => misfit(at, random, ({ type }) => !isNonNullType(type) || random.chance(0.2)),
    (at, random) =>
      misfit(at, random, ({ type }) => ["DateTime", "JSON", "Int"].includes(getNamedType(type).name)),
    (at, random) => {
      const one = random.pick(at.objects.filter(({ type }) => isInputObjectType(type)));
      return one !== undefined && one.node.fields.push(n.objectField("noSuchField", n.int(1)));
    },
    (at, random) => {
      const one = random.pick(
        at.objects.filter(
          ({ node, type }) => isInputObjectType(type) && type.isOneOf && node.fields.length === 1,
        ),
      );
      if (!one) return false;
      const other = Object.values(one.type.getFields()).find(
        (field) => field.name !== one.node.fields[0].name.value,
      );
      one.node.fields = random.pick([
        [],
        [n.objectField(other.name, n.nothing())],
        [...one.node.fields, n.objectField(other.name, n.nothing())],
      ]);
      return true;
    },
    (at, random) => {
      const one = random.pick(
        at.objects.filter(
          ({ node, type }) =>
            isInputObjectType(type) &&
            node.fields.some(
              (field) =>
                type.getFields()[field.name.value] &&
                isRequiredInputField(type.getFields()[field.name.value]),
            ),
        ),
      );
      return (
        one !== undefined &&
        ((one.node.fields = one.node.fields.filter(
          (field) => !isRequiredInputField(one.type.getFields()[field.name.value]),
        )),
        true)
      );
    },
  ),
  ...each(
    "ProvidedRequiredArguments",
    (at, random) => {
      const one = random.pick(at.fields.filter(({ def }) => def?.args.some(isRequiredArgument)));
      if (!one) return false;
      one.node.arguments = one.node.arguments.filter(
        (arg) => !one.def.args.some((def) => def.name === arg.name.value && isRequiredArgument(def)),
      );
      return true;
    },
    (at, random) =>
      random.pick(at.selections).node.directives.push(n.directive(random.pick(["skip", "include"]))),
  ),
  ...each("VariablesInAllowedPosition", otherType, otherType, (at, random) => {
    // A nullable variable within a list or an object that wants a value.
    const place = random.pick(
      at.values.filter(
        ({ node, type, holder }) =>
          type &&
          holder.kind !== Kind.VARIABLE_DEFINITION &&
          node.kind !== Kind.VARIABLE &&
          at.operations.length === 1,
      ),
    );
    if (!place) return false;
    const nullable = getNullableType(place.type);
    const type = random.pick([
      n.typeNode(nullable),
      { kind: Kind.LIST_TYPE, type: n.typeNode(place.type) },
      n.named("String"),
    ]);
    place.holder[place.key] = n.variable("placed");
    at.operations[0].variableDefinitions = [
      ...(at.operations[0].variableDefinitions ?? []),
      n.variableDefinition("placed", type, random.chance(0.3) ? n.nothing() : undefined),
    ];
    return true;
  }),
  ...each(
    "UniqueInputFieldNames",
    (at, random) => repeated(at, random, () => true),
    (at, random) => repeated(at, random, ({ type }) => !isInputObjectType(type)),
    (at, random) => repeated(at, random, ({ type }) => isInputObjectType(type)),
    (at, random) => {
      const one = random.pick(
        at.definitions.filter(
          ({ defaultValue }) => defaultValue?.kind === Kind.OBJECT && defaultValue.fields.length,
        ),
      );
      return one !== undefined && one.defaultValue.fields.push(clone(one.defaultValue.fields[0]));
    },
  ),
];
