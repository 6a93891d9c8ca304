// Values of input types: as literals, with variables in them, and as JSON for variables.
import {
  Kind,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from "graphql";
import * as n from "./nodes.js";

const WORDS = [
  "an",
  "Ann",
  "acme",
  "é",
  "日本",
  "\u{1F600}",
  "a\tb",
  'say "hi"',
  "back\\slash",
  "line\nbreak",
  "",
  " ",
  "person1@example.com",
  "%",
  "__",
  "'",
];
const INSTANTS = [
  "2026-01-01T00:00:00Z",
  "2020-02-29T23:59:59.123+02:00",
  "1999-12-31T00:00:00.5-11:30",
  "2030-06-30T12:00:00Z",
];
const OBJECTS = [
  {},
  { plan: "pro" },
  { seats: 3, deep: { list: [1, "a", null, true] } },
  { a: { b: [] } },
  { half: 0.5, small: -1, large: 1e21, exact: 9007199254740991 },
];

export class Values {
  constructor(random, fixtures) {
    this.random = random;
    this.fixtures = fixtures;
    this.nulls = true;
  }

  // A plain value, in JSON, for a named leaf type; `role` is the argument or field it is for.
  leaf(type, role, owner) {
    const { random, fixtures } = this;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    switch (type.name) {
      case "Boolean":
        return random.chance(0.5);
      case "Int":
        if (role === "first" || role === "last")
          return random.chance(0.04) ? random.pick([-1, 201, 2147483647]) : random.below(5);
        if (role === "offset") return random.below(4);
        return random.chance(0.2) ? random.pick([-2147483648, 2147483647, 0, -1]) : random.below(200);
      case "ID": {
        const ids = fixtures.ids[owner] ?? random.pick(Object.values(fixtures.ids));
        if (random.chance(0.8)) return random.pick(ids);
        return random.pick([
          ...Object.values(fixtures.ids).flat(),
          "nope",
          "",
          7,
          "00000000-0000-4000-8000-000000000000",
        ]);
      }
      case "DateTime":
        return random.pick(INSTANTS);
      case "JSON":
        return random.chance(0.85) ? random.pick(OBJECTS) : random.pick(["pro", 3, true, [1, "a"]]);
      case "Float":
        return random.pick([0, 1, -2.5, 1e10]);
      default:
        if (role === "after" || role === "before") return random.pick(fixtures.cursors);
        if (role === "name") return random.pick([...fixtures.tags, "none such"]);
        if (role === "email") return `person${random.below(30)}@example.com`;
        if (role === "phone") return `+1416555${1000 + random.below(30)}`;
        if (role === "externalId") return `ext-${random.below(40)}`;
        if (role === "key") return random.pick(["plan", "seats", "deep", "nope"]);
        return random.pick(WORDS);
    }
  }

  // Which fields of an input object are given.
  fields(type, depth) {
    const all = Object.values(type.getFields());
    if (type.isOneOf) return [this.random.pick(all)];
    const optional = all.filter(
      (field) => !isRequiredInputField(field) && (depth < 3 || !isInputObjectType(getNamedType(field.type))),
    );
    const chosen = this.random.some(optional, this.random.below(depth ? 3 : 4));
    // Custom scalars are few among so many fields.
    const rare = optional.filter(
      (field) => /^metadata|Context$|At$/.test(field.name) && !chosen.includes(field),
    );
    if (rare.length && this.random.chance(0.25)) chosen.push(this.random.pick(rare));
    return this.random.shuffled([...all.filter(isRequiredInputField), ...chosen]);
  }

  json(type, { role, owner, depth = 0, nullable = true } = {}) {
    const { random } = this;
    if (isNonNullType(type)) return this.json(type.ofType, { role, owner, depth, nullable: false });
    if (nullable && this.nulls && random.chance(0.06)) return null;
    if (isListType(type)) {
      const item = () => this.json(type.ofType, { role, owner, depth: depth + 1, nullable: false });
      if (random.chance(0.2)) return item();
      return Array.from({ length: random.below(4) }, item);
    }
    if (!isInputObjectType(type)) return this.leaf(type, role, owner);
    return Object.fromEntries(
      this.fields(type, depth).map((field) => [
        field.name,
        this.json(field.type, { role: field.name, owner, depth: depth + 1, nullable: !type.isOneOf }),
      ]),
    );
  }

  // A literal. `place` may put a variable there instead: it gives a node, or nothing. Where `strict`,
  // as in an object of which exactly one field is given, null is not welcome in any way.
  literal(type, { role, owner, depth = 0, nullable = true, place, hasDefault = false, strict = false }) {
    const { random } = this;
    const used =
      place && random.chance(depth ? 0.15 : 0.35)
        ? place(type, { role, owner, hasDefault, strict })
        : undefined;
    if (used) return used;
    if (isNonNullType(type)) return this.#given(type.ofType, { role, owner, depth, place });
    if (nullable && !strict && this.nulls && random.chance(0.06)) return n.nothing();
    return this.#given(type, { role, owner, depth, place });
  }

  #given(type, { role, owner, depth, place }) {
    const { random } = this;
    if (isListType(type)) {
      const inner = { role, owner, depth: depth + 1, nullable: false };
      // One value for a list; a variable would have to be of the list's type there.
      if (random.chance(0.2)) return this.literal(getNullableType(type.ofType), inner);
      return n.list(
        Array.from({ length: random.below(4) }, () => this.literal(type.ofType, { ...inner, place })),
      );
    }
    if (isInputObjectType(type)) {
      return n.object(
        this.fields(type, depth).map((field) =>
          n.objectField(
            field.name,
            this.literal(field.type, {
              role: field.name,
              owner,
              depth: depth + 1,
              nullable: !type.isOneOf,
              strict: type.isOneOf,
              place,
              hasDefault: field.defaultValue !== undefined,
            }),
          ),
        ),
      );
    }
    const value = this.leaf(type, role, owner);
    if (isEnumType(type)) return n.word(value);
    if (type.name === "JSON") return this.#withVariables(n.fromJson(value), place);
    return n.fromJson(value);
  }

  // In an object of a custom scalar a variable of any type may stand.
  #withVariables(node, place) {
    if (place && node.kind === Kind.OBJECT && this.random.chance(0.3)) {
      const used = place(undefined, { role: "json", any: true });
      if (used)
        return {
          ...node,
          fields: [
            ...node.fields,
            n.objectField("given", this.random.chance(0.5) ? used : n.list([n.int(1), used])),
          ],
        };
    }
    return node;
  }
}
