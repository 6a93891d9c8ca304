// Mutations: any, for those that are to be refused; and such as succeed, each of which leaves marks
// by which can be counted how often it ran.
import { getNamedType } from "graphql";
import * as n from "./nodes.js";
import { Documents } from "./documents.js";
import { Values } from "./values.js";

const REFUSED = [
  "createContact",
  "createContact",
  "updateContact",
  "createContacts",
  "deleteContacts",
  "upsertContact",
  "deleteContact",
  "createCompany",
  "createPipeline",
  "updateContacts",
  "recordContactEnrichment",
  "createTeam",
  "updateContactPolicy",
];

// What is sure to be welcome.
const WELCOME = {
  CreateContactInput: [
    "notes",
    "score",
    "isActive",
    "tags",
    "metadata",
    "sourceCreatedAt",
    "jobTitle",
    "city",
  ],
  ContactPatchInput: ["score", "isActive", "metadata", "jobTitle", "city"],
  CreateCompanyInput: ["industry"],
};
const WORDS = ["plain", "é \u{1F600} 日本", 'with "quotes" and \\', "100 % _"];

const TEXTS = [
  "two\nlines",
  "  indented\n    more\n\nless",
  'a """ in it\n\tand a tab',
  "\\u0041 is no escape\nin a block",
];

export class Mutations extends Documents {
  constructor(schema, random, fixtures, mark, fresh) {
    super(schema, random, fixtures);
    this.mark = mark;
    this.marks = 0;
    this.fresh = fresh;
  }

  refused() {
    this.begin();
    const all = this.schema.getMutationType().getFields();
    const defs = this.random.some(REFUSED, this.random.between(1, 2)).map((key) => all[key]);
    const scope = new Map();
    const selections = defs.map((def) => this.field(def, this.schema.getMutationType(), 1, scope));
    return this.finish([
      n.operation("mutation", {
        key: this.random.chance(0.5) ? "M" : undefined,
        variables: this.definitions,
        selections,
      }),
    ]);
  }

  // One or two fields, some of them written twice, some left out by a condition.
  welcome() {
    const { random } = this;
    this.begin();
    const keys = random.some(
      ["createContact", "createContacts", "createCompany", "updateContact", "upsertContact", "deleteContact"],
      random.between(1, 2),
    );
    if (random.chance(0.3)) keys.push("createContact");
    const selections = keys.flatMap((key) => this.#twice(this.#one(key)));
    return this.finish([
      n.operation("mutation", {
        key: random.chance(0.5) ? "M" : undefined,
        variables: this.definitions,
        selections,
      }),
    ]);
  }

  #one(key) {
    const { random } = this;
    const def = this.schema.getMutationType().getFields()[key];
    // What is written is chosen with more care than what is read.
    const usual = this.values;
    this.values = Object.assign(new Values(random), { nulls: false, leaf: this.#leaf, fields: this.#fields });
    const value = this.values.literal(def.args[0].type, { role: "input", place: this.place });
    this.values = usual;
    const payload = getNamedType(def.type);
    const alias = random.chance(0.6) ? this.name("m") : undefined;
    return { def, alias: alias ?? this.name(key), value, payload, scope: new Map() };
  }

  #twice({ def, alias, value, payload, scope }) {
    const { random } = this;
    const field = () =>
      n.field(def.name, {
        alias,
        args: [n.argument("input", value)],
        directives: this.directives(),
        selections: [n.field("__typename"), ...this.selections(payload, 3, scope)],
      });
    const made = [field()];
    if (random.chance(0.5))
      made.push(
        random.chance(0.4)
          ? n.inline(random.chance(0.5) ? "Mutation" : undefined, [field()], this.directives())
          : field(),
      );
    if (random.chance(0.2)) {
      const key = this.name("Again");
      this.fragments.push({
        name: key,
        type: "Mutation",
        usesVariables: true,
        node: n.fragment(key, "Mutation", [field()]),
      });
      made.push(n.spread(key));
    }
    return made;
  }

  #fields = (type) => {
    const all = type.getFields();
    const pick = (...keys) => keys.map((key) => all[key]);
    const some = this.random.some(WELCOME[type.name] ?? [], this.random.below(4));
    switch (type.name) {
      case "CreateContactInput":
        return pick("firstName", "lastName", ...some);
      case "ContactPatchInput":
        return pick("lastName", ...some);
      case "CreateCompanyInput":
        return pick("name", ...some);
      case "CreateContactsInput":
        return pick("contacts", ...this.random.some(["atomic"], this.random.below(2)));
      case "UpdateContactInput":
        return pick("id", "set");
      case "UpsertContactInput":
        return pick("contact");
      default:
        return pick("id");
    }
  };

  #leaf = (type, role) => {
    const { random } = this;
    if (role === "lastName" || role === "name") return `${this.mark}x${(this.marks += 1)}`;
    if (type.name === "ID") return `fresh-${this.fresh()}`;
    if (type.name === "Int") return random.pick([0, 5, -7, 2147483647]);
    if (type.name === "Boolean") return random.chance(0.5);
    if (type.name === "DateTime")
      return random.pick(["2026-01-01T00:00:00Z", "2020-02-29T23:59:59.123+02:00"]);
    if (type.name === "JSON")
      return random.pick([
        {},
        { plan: "pro", deep: { list: [1, "a", null, true] } },
        { half: 0.5, large: 1e15, text: "\u{1F600}" },
      ]);
    if (role === "notes") return random.pick([...WORDS, ...TEXTS]);
    if (role === "tags") return `tag ${random.below(9)}`;
    return random.pick(WORDS);
  };
}
