// Documents that are valid: written down from the schema by chance.
import {
  Kind,
  GraphQLBoolean,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import * as n from "./nodes.js";
import { Values } from "./values.js";

// Changes by itself; and what only drafts of the specification have.
const LEFT_OUT = new Set(["ApiKey.lastUsedAt", "__Directive.isDeprecated", "__Directive.deprecationReason"]);
const ALIASES = [
  "a",
  "b",
  "constructor",
  "__proto__",
  "on",
  "query",
  "fragment",
  "true",
  "null",
  "type",
  "_",
  "id2",
  "A9",
];

export class Documents {
  constructor(schema, random, fixtures) {
    this.schema = schema;
    this.random = random;
    this.values = new Values(random, fixtures);
    this.fragments = [];
    this.json = {};
    this.count = 0;
    this.budget = 45;
  }

  query() {
    const { random } = this;
    const operations = [this.#operation("query", random.chance(0.75))];
    let operationName = random.chance(0.3) && operations[0].name ? operations[0].name.value : undefined;
    if (operations[0].name && random.chance(0.12)) {
      operations.push(this.#operation("query", true));
      operationName = random.pick(operations).name.value;
    } else if (operations[0].name && random.chance(0.1)) {
      // Fragments and variables that two operations share.
      operations.push({ ...operations[0], name: n.name("Twin") });
      operationName = random.pick(operations).name.value;
    }
    return this.finish(operations, operationName);
  }

  finish(operations, operationName) {
    const definitions = this.random.shuffled([...operations, ...this.fragments.map((one) => one.node)]);
    const given = Object.keys(this.json).length > 0 || this.random.chance(0.3);
    return { document: n.document(definitions), variables: given ? this.json : undefined, operationName };
  }

  #operation(kind, keyed) {
    const { random } = this;
    this.begin();
    const roots = [...Object.values(this.schema.getQueryType().getFields())];
    const fields = Array.from({ length: random.between(1, 3) }, () => {
      const roll = random.next();
      return roll < 0.05 ? SchemaMetaFieldDef : roll < 0.1 ? TypeMetaFieldDef : random.pick(roots);
    });
    const scope = new Map();
    const selections = fields.map((def) => this.field(def, this.schema.getQueryType(), 0, scope));
    if (random.chance(0.1)) selections.push(n.field("__typename", {}));
    const wrapped = random.chance(0.25)
      ? [this.#wrapped(this.schema.getQueryType(), selections)]
      : selections;
    return n.operation(kind, {
      key: keyed ? this.name(random.pick(["Q", "query", "Find", "on"])) : undefined,
      variables: this.definitions,
      selections: wrapped,
    });
  }

  // A new operation has variables of its own.
  begin() {
    this.definitions = [];
    this.earlier = this.fragments.length;
  }

  name(start) {
    this.count += 1;
    return `${start}${this.count}`;
  }

  field(def, parent, depth, scope) {
    const { random } = this;
    this.budget -= 1;
    let alias;
    if (random.chance(def.args.length ? 0.5 : 0.15))
      alias = random.chance(0.25) ? random.pick(ALIASES) : this.name("k");
    const key = alias ?? def.name;
    // A key that is there already is selected once more: the same field, with the same arguments.
    const before = scope.get(key);
    if (before && before.def !== def) return this.field(def, parent, depth, new Map());
    const entry = before ?? { def, args: this.#args(def, parent), scope: new Map() };
    scope.set(key, entry);
    if (before && entry.variables) this.usesVariables = true;
    const type = getNamedType(def.type);
    return n.field(def.name, {
      alias,
      args: random.chance(0.3) ? this.#turned(entry.args) : entry.args,
      directives: this.directives(),
      selections: isLeafType(type) ? undefined : this.selections(type, depth + 1, entry.scope),
    });
  }

  // The same in another order.
  #turned(args) {
    const turned = (node) =>
      node.kind === Kind.OBJECT
        ? n.object(this.random.shuffled(node.fields).map((one) => ({ ...one, value: turned(one.value) })))
        : node;
    return this.random.shuffled(args).map((arg) => ({ ...arg, value: turned(arg.value) }));
  }

  #args(def, parent) {
    const { random } = this;
    const paging = random.pick(["first", "first", "last"]);
    const wanted = def.args.filter((arg) => {
      if (isRequiredArgument(arg)) return true;
      if (def === SchemaMetaFieldDef || parent.name === "__Schema") return false;
      if (arg.name === "first" || arg.name === "last") return arg.name === paging && random.chance(0.7);
      if (arg.name === "after" || arg.name === "before") return random.chance(0.06);
      if (arg.name === "offset" || arg.name === "sortKey" || arg.name === "event") return random.chance(0.08);
      return random.chance(0.25);
    });
    const owner = getNamedType(def.type).name;
    return wanted.map((arg) => {
      const literal =
        def === TypeMetaFieldDef
          ? n.text(
              random.pick([
                "Contact",
                "ContactFilter",
                "Node",
                "OrderDirection",
                "DateTime",
                "ContactIdentifierInput",
                "__Type",
                "Nothing",
              ]),
            )
          : this.values.literal(arg.type, {
              role: arg.name,
              owner,
              place: this.place,
              hasDefault: arg.defaultValue !== undefined,
            });
      return n.argument(arg.name, literal);
    });
  }

  selections(type, depth, scope) {
    const { random } = this;
    const made = Array.from({ length: random.between(1, depth > 3 ? 2 : 4) }, () =>
      this.#selection(type, depth, scope),
    );
    return made.some(Boolean) ? made.filter(Boolean) : [this.#leaf(type, scope)];
  }

  #leaf(type, scope) {
    const leafs = Object.values(type.getFields?.() ?? {}).filter(
      (def) => this.#usable(type, def) && isLeafType(getNamedType(def.type)) && !def.args.length,
    );
    if (!leafs.length || this.random.chance(0.1))
      return n.field("__typename", { alias: this.random.chance(0.2) ? this.name("t") : undefined });
    return this.field(this.random.pick(leafs), type, 9, scope);
  }

  #usable(type, def) {
    return !LEFT_OUT.has(`${type.name}.${def.name}`);
  }

  #selection(type, depth, scope) {
    const { random } = this;
    const roll = random.next();
    if (this.budget > 0 && depth < 7) {
      if (roll < 0.12) return this.#inline(type, depth, scope);
      if (roll < 0.22) return this.#spread(type, depth, scope);
      if (isAbstractType(type) && roll < 0.7) return this.#inline(type, depth, scope);
      if (roll < 0.6) {
        const branches = Object.values(type.getFields()).filter(
          (def) => this.#usable(type, def) && isCompositeType(getNamedType(def.type)),
        );
        if (branches.length && depth < 6) return this.field(random.pick(branches), type, depth, scope);
      }
    }
    return this.#leaf(type, scope);
  }

  // Types whose objects may also be of `type`.
  #conditions(type) {
    if (isObjectType(type)) return [type, ...type.getInterfaces()];
    const possible = [...this.schema.getPossibleTypes(type)];
    return [type, ...possible, ...possible];
  }

  #inline(type, depth, scope) {
    const { random } = this;
    const condition =
      isAbstractType(type) || random.chance(0.6) ? random.pick(this.#conditions(type)) : undefined;
    return n.inline(
      condition?.name,
      this.selections(condition ?? type, depth + 1, this.#apart(type, condition, scope)),
      this.directives(),
    );
  }

  // Objects of different types may have different fields under one key.
  #apart(type, condition, scope) {
    return isAbstractType(type) && isObjectType(condition) && this.random.chance(0.5) ? new Map() : scope;
  }

  #wrapped(type, selections) {
    return n.inline(this.random.chance(0.5) ? type.name : undefined, selections, this.directives());
  }

  #spread(type, depth, scope) {
    const { random } = this;
    const names = this.#conditions(type).map((one) => one.name);
    const known = this.fragments.filter(
      (one, i) => names.includes(one.type) && (i >= this.earlier || !one.usesVariables),
    );
    if (known.length && random.chance(0.4)) {
      const one = random.pick(known);
      this.usesVariables ||= one.usesVariables;
      return n.spread(one.name, this.directives());
    }
    const outer = this.usesVariables;
    this.usesVariables = false;
    const condition = random.pick(this.#conditions(type));
    const key = this.name(random.pick(["F", "fragment", "G"]));
    const node = n.fragment(
      key,
      condition.name,
      this.selections(condition, depth + 1, this.#apart(type, condition, scope)),
    );
    this.fragments.push({ name: key, type: condition.name, usesVariables: this.usesVariables, node });
    this.usesVariables ||= outer;
    return n.spread(key, this.directives());
  }

  directives() {
    const { random } = this;
    if (!random.chance(0.13)) return [];
    const chosen = random.some(["skip", "include"], random.between(1, 2));
    return chosen.map((key) => {
      const literal = random.chance(0.5)
        ? this.place(new GraphQLNonNull(GraphQLBoolean), { role: "if" })
        : n.boolean(key === "include" || random.chance(0.4));
      return n.directive(key, [n.argument("if", literal)]);
    });
  }

  // A variable for a place of this type; without a type, any will do.
  place = (location, { role, owner, hasDefault = false, strict = false }) => {
    const { random } = this;
    this.usesVariables = true;
    let type =
      location ??
      random.pick([
        GraphQLString,
        GraphQLInt,
        new GraphQLNonNull(GraphQLBoolean),
        new GraphQLList(GraphQLInt),
      ]);
    // What is good for one field that is written need not be for another.
    const told = this.values.nulls ? "" : role;
    const same = this.definitions.filter((one) => one.told === `${type}${told}` && !strict);
    if (same.length && random.chance(0.3)) return n.variable(random.pick(same).variable.name.value);
    let value;
    const inner = { role, owner, nullable: false };
    if (!isNonNullType(type)) {
      if (strict || random.chance(0.25)) type = new GraphQLNonNull(type);
    } else if (!strict && random.chance(0.35)) {
      type = type.ofType;
      if (!hasDefault || random.chance(0.5)) value = this.values.literal(type, inner);
    }
    const loose = !isNonNullType(location ?? type);
    if (!value && random.chance(0.35)) {
      value =
        loose && this.values.nulls && !isNonNullType(type) && random.chance(0.15)
          ? n.nothing()
          : this.values.literal(type, inner);
    }
    const key = random.chance(0.05) ? this.name(random.pick(["on", "true", "query"])) : this.name("v");
    const definition = n.variableDefinition(key, n.typeNode(type), value);
    definition.told = value || isNonNullType(type) ? undefined : `${type}${told}`;
    this.definitions.push(definition);
    const may = value || !isNonNullType(type);
    if (!may || random.chance(0.6) || (!value && !this.values.nulls)) {
      const none = this.values.nulls && !isNonNullType(type) && random.chance(loose ? 0.15 : 0.03);
      this.json[key] = none ? null : this.values.json(type, inner);
    }
    return n.variable(key);
  };
}
