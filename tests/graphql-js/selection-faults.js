// What breaks the rules for operations, fragments, fields and directives.
import { Kind, isAbstractType, isObjectType, parse } from "graphql";
import * as n from "./nodes.js";
import { clone, conflict, each, onlyObjects } from "./misfits.js";

function addSelection(at, random, make, pick = () => true) {
  const set = random.pick(at.sets.filter(pick));
  const made = set && make(set);
  if (!made) return false;
  set.node.selections = random.shuffled([...set.node.selections, ...[made].flat()]);
  return true;
}

const withField = ({ type }) => isObjectType(type) || isAbstractType(type);

const cycles = [
  (at) => [n.fragment("Loop", at, [n.field("__typename"), n.spread("Loop")])],
  (at) => [
    n.fragment("Loop", at, [n.spread("Back")]),
    n.fragment("Back", at, [n.inline(undefined, [n.spread("Loop")]), n.field("__typename")]),
  ],
];

export const SELECTION_FAULTS = [
  ...each("ExecutableDefinitions", (at, random) =>
    at.document.definitions.push(
      parse(
        random.pick([
          "type Extra { a: Int }",
          "extend type Query { a: Int }",
          "scalar Extra",
          "enum Extra { A }",
          "input Extra { a: Int }",
          "directive @extra on FIELD",
          "extend schema { query: Query }",
          "union Extra = Query",
        ]),
      ).definitions[0],
    ),
  ),
  ...each("UniqueOperationNames", (at) =>
    at.document.definitions.push(
      { ...clone(at.operations[0]), name: n.name(at.operations[0].name?.value ?? "Same") },
      n.operation("query", {
        key: at.operations[0].name?.value ?? "Same",
        selections: [n.field("__typename")],
      }),
    ),
  ),
  ...each(
    "LoneAnonymousOperation",
    (at) => at.document.definitions.push(n.operation("query", { selections: [n.field("__typename")] })),
    (at) =>
      at.document.definitions.unshift(
        n.operation("query", { selections: [n.field("__typename")] }),
        n.operation("query", { selections: [n.field("viewer", { selections: [n.field("id")] })] }),
      ),
  ),
  ...each(
    "SingleFieldSubscriptions",
    (at) =>
      at.document.definitions.push(
        n.operation("subscription", { key: "Live", selections: [n.field("__typename")] }),
      ),
    (at, random, { schema }) => {
      const fields = Object.keys(schema.getSubscriptionType()?.getFields() ?? { some: 1 });
      at.document.definitions = [
        n.operation("subscription", {
          selections: ["a", "b"].map((alias) =>
            n.field(fields[0], { alias, selections: [n.field("__typename")] }),
          ),
        }),
      ];
      return true;
    },
  ),
  ...each(
    "KnownTypeNames",
    (at, random) => addSelection(at, random, () => n.inline("NoSuchType", [n.field("id")])),
    (at) => at.definitions.length > 0 && ((at.definitions[0].type = n.named("NoSuchType")), true),
    (at, random) =>
      addSelection(at, random, () => n.spread("Lost")) &&
      at.document.definitions.push(n.fragment("Lost", "NoSuchType", [n.field("id")])),
  ),
  ...each(
    "FragmentsOnCompositeTypes",
    (at, random) =>
      addSelection(at, random, () =>
        n.inline(random.pick(["String", "ContactFilter", "OrderDirection", "DateTime"]), [n.field("id")]),
      ),
    (at, random) =>
      addSelection(at, random, () => n.spread("Odd")) &&
      at.document.definitions.push(
        n.fragment("Odd", random.pick(["Int", "JSON", "CreateContactInput", "__TypeKind"]), [n.field("id")]),
      ),
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
      return (
        fields.length > 0 && ((random.pick(fields).node.selectionSet = n.selectionSet([n.field("id")])), true)
      );
    },
    (at, random) => {
      const fields = at.fields.filter(({ node }) => node.selectionSet);
      return fields.length > 0 && ((random.pick(fields).node.selectionSet = undefined), true);
    },
  ),
  ...each(
    "FieldsOnCorrectType",
    (at, random) =>
      addSelection(at, random, () => n.field(random.pick(["noSuchField", "__nope", "ID", "displayname"]))),
    (at, random) =>
      addSelection(
        at,
        random,
        () => n.field("__schema", { selections: [n.field("__typename")] }),
        ({ type }) => type?.name !== "Query",
      ),
    (at, random) =>
      addSelection(
        at,
        random,
        () =>
          n.field("__type", { args: [n.argument("name", n.text("Query"))], selections: [n.field("name")] }),
        ({ type }) => type?.name !== "Query",
      ),
    (at, random) =>
      addSelection(
        at,
        random,
        () => n.field("displayName"),
        ({ type }) => isAbstractType(type),
      ),
  ),
  ...each("UniqueFragmentNames", (at, random) => {
    const one = random.pick(at.fragments);
    return (
      one !== undefined &&
      at.document.definitions.push(
        n.fragment(one.name.value, one.typeCondition.name.value, [n.field("__typename")]),
      )
    );
  }),
  ...each(
    "KnownFragmentNames",
    (at, random) => addSelection(at, random, () => n.spread("NoSuchFragment")),
    (at) =>
      at.fragments.length > 0 &&
      (at.document.definitions.splice(at.document.definitions.indexOf(at.fragments[0]), 1), true),
  ),
  ...each(
    "NoUnusedFragments",
    (at) => at.document.definitions.push(n.fragment("Unused", "Contact", [n.field("id")])),
    (at) =>
      at.document.definitions.push(
        n.fragment("One", "Contact", [n.field("id")]),
        n.fragment("Two", "Contact", [n.spread("One")]),
      ),
  ),
  ...each(
    "PossibleFragmentSpreads",
    (at, random, { schema }) =>
      addSelection(
        at,
        random,
        ({ type }) =>
          n.inline(random.pick(onlyObjects(schema).filter((one) => one !== type)).name, [
            n.field("__typename"),
          ]),
        ({ type }) => isObjectType(type),
      ),
    (at, random, { schema }) => {
      const set = random.pick(at.sets.filter(({ type }) => isObjectType(type)));
      if (!set) return false;
      set.node.selections.push(n.spread("Elsewhere"));
      return at.document.definitions.push(
        n.fragment("Elsewhere", random.pick(onlyObjects(schema).filter((one) => one !== set.type)).name, [
          n.field("__typename"),
        ]),
      );
    },
    (at, random) =>
      addSelection(
        at,
        random,
        () => n.inline("Node", [n.field("id")]),
        ({ type }) => isObjectType(type) && !type.getInterfaces().length,
      ),
  ),
  ...each("NoFragmentCycles", (at, random) => {
    const set = random.pick(at.sets.filter(withField));
    set.node.selections.push(n.spread("Loop"));
    return at.document.definitions.push(...random.pick(cycles)(set.type.name));
  }),
  ...each(
    "KnownDirectives",
    (at, random) =>
      random
        .pick(at.selections)
        .node.directives.push(
          n.directive(random.pick(["noSuchDirective", "defer", "stream", "Skip", "client"])),
        ),
    (at, random) =>
      at.operations[0].directives.push(
        random.pick([
          n.directive("skip", [n.argument("if", n.boolean(false))]),
          n.directive("nope"),
          n.directive("include", [n.argument("if", n.boolean(true))]),
        ]),
      ),
    (at, random) =>
      random
        .pick(at.selections)
        .node.directives.push(
          random.pick([
            n.directive("deprecated"),
            n.directive("oneOf"),
            n.directive("specifiedBy", [n.argument("url", n.text("x"))]),
          ]),
        ),
    (at, random) =>
      at.fragments.length > 0 &&
      random.pick(at.fragments).directives.push(n.directive("include", [n.argument("if", n.boolean(true))])),
    (at, random) =>
      at.definitions.length > 0 &&
      random.pick(at.definitions).directives.push(n.directive("skip", [n.argument("if", n.boolean(true))])),
  ),
  ...each("UniqueDirectivesPerLocation", (at, random) => {
    const key = random.pick(["skip", "include"]);
    const one = () => n.directive(key, [n.argument("if", n.boolean(random.chance(0.5)))]);
    return random.pick(at.selections).node.directives.push(one(), one());
  }),
  ...each("OverlappingFieldsCanBeMerged", conflict, conflict, conflict),
  ...each("MaxIntrospectionDepth", (at, random) => {
    const type = (selections) => n.field("type", { selections });
    const fields = (selections) => n.field(random.pick(["fields", "fields"]), { selections });
    const deep = fields([type([fields([type([fields([type([fields([n.field("name")])])])])])])]);
    return at.document.definitions[0].selectionSet?.selections.push(
      n.field("__type", { alias: "deep", args: [n.argument("name", n.text("Query"))], selections: [deep] }),
    );
  }),
];
