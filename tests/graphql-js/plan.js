// Which documents there are: the n-th of a seed is the same on every machine.
import { parse, print } from "graphql";
import { spoilt, written } from "./coercion.js";
import { Documents } from "./documents.js";
import { FAULTS } from "./faults.js";
import { judge } from "./judge.js";
import { rewritten } from "./layout.js";
import { Mutations } from "./mutations.js";
import { Random } from "./random.js";
import { sites } from "./sites.js";
import { garbled } from "./syntax.js";
import { TEXTS } from "./texts.js";

const TRIES = 12;

export class Plan {
  #schema;
  #fixtures;
  #seed;
  #turns = new Map();
  #fresh = 0;

  constructor(schema, fixtures, seed) {
    this.#schema = schema;
    this.#fixtures = fixtures;
    this.#seed = seed;
  }

  *documents(count) {
    for (const [i, text] of TEXTS.entries()) yield { kind: "syntax", id: `text ${i}`, text };
    for (let i = 0; i < count - TEXTS.length; i += 1) {
      const made = this.#document(i);
      if (made) yield { ...made, id: i };
    }
  }

  #document(i) {
    const random = new Random(Math.imul(this.#seed, 1000003) + i);
    switch (i % 20) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return { kind: "query", ...this.#query(random) };
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
      case 12:
        return this.#broken(random, "query", FAULTS[this.#turn("query") % FAULTS.length]);
      case 13:
      case 14:
        return this.#garbled(random, "query");
      case 15:
      case 16:
        return this.#spoilt(random, "query");
      case 17:
        return i % 3
          ? this.#broken(random, "mutation", FAULTS[this.#turn("mutation") % FAULTS.length])
          : this.#garbled(random, "mutation");
      case 18:
        return i % 3
          ? this.#spoilt(random, "mutation")
          : this.#broken(random, "mutation", FAULTS[this.#turn("mutation") % FAULTS.length]);
      default:
        return this.#turn("last") % 4 ? this.#welcome(random, i) : this.#named(random);
    }
  }

  #turn(name) {
    const turn = this.#turns.get(name) ?? 0;
    this.#turns.set(name, turn + 1);
    return turn;
  }

  #base(random, kind) {
    const maker =
      kind === "query"
        ? new Documents(this.#schema, random, this.#fixtures)
        : new Mutations(this.#schema, random, this.#fixtures, "Refused");
    return kind === "query" ? maker.query() : maker.refused();
  }

  #request(made, random, wild, variables = made.variables) {
    const text = rewritten(print(made.document), random, wild);
    return {
      text,
      variables:
        typeof variables === "object"
          ? written(variables)
          : (variables ?? (random.chance(0.1) ? "null" : undefined)),
      operationName: made.operationName,
    };
  }

  // Valid, as far as chance allows.
  #query(random) {
    let request;
    for (let i = 0; i < TRIES; i += 1) {
      request = this.#request(this.#base(random, "query"), random, random.chance(0.5));
      if (!judge(this.#schema, request).code) break;
    }
    return request;
  }

  #broken(random, kind, fault) {
    let last;
    for (let i = 0; i < TRIES; i += 1) {
      const made = this.#base(random, kind);
      const document = parse(print(made.document), { noLocation: true });
      const at = { document, ...sites(this.#schema, document) };
      if (!fault.apply(at, random, { schema: this.#schema })) continue;
      const request = this.#request({ ...made, document }, random, random.chance(0.2));
      const verdict = judge(this.#schema, request);
      if (kind === "mutation" && !verdict.code) continue;
      last = request;
      if (verdict.rules.includes(fault.rule)) break;
    }
    return last && { kind: kind === "query" ? "fault" : "refused mutation", ...last };
  }

  #garbled(random, kind) {
    for (let i = 0; i < TRIES; i += 1) {
      const made = this.#request(this.#base(random, kind), random, random.chance(0.2));
      const request = { ...made, text: garbled(made.text, random) };
      if (kind === "query" || judge(this.#schema, request).code) {
        return { kind: kind === "query" ? "syntax" : "refused mutation", ...request };
      }
    }
    return undefined;
  }

  #spoilt(random, kind) {
    for (let i = 0; i < TRIES; i += 1) {
      const made = this.#base(random, kind);
      const variables = spoilt(this.#schema, made.document, made.variables, random);
      if (!variables) continue;
      const request = this.#request(made, random, false, variables);
      const { code } = judge(this.#schema, request);
      if (code === "BAD_USER_INPUT" || (!code && kind === "query")) {
        return { kind: kind === "query" ? "variables" : "refused mutation", ...request };
      }
    }
    return undefined;
  }

  // Which of the operations: named rightly, wrongly or not at all.
  #named(random) {
    const made = this.#base(random, "query");
    const operationName = random.pick(["", "NoSuch", made.operationName ?? "Q", undefined]);
    const text = `${print(made.document)} ${random.pick(["", "query Other { viewer { id } }"])}`;
    return {
      kind: "operation name",
      text,
      variables: made.variables && written(made.variables),
      operationName,
    };
  }

  #welcome(random, i) {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const maker = new Mutations(
        this.#schema,
        random,
        this.#fixtures,
        `Mark${i}v${turn}`,
        () => (this.#fresh += 1),
      );
      const request = this.#request(maker.welcome(), random, random.chance(0.4));
      if (!judge(this.#schema, request).code)
        return { kind: "mutation", ...request, mark: maker.mark, marks: maker.marks };
    }
    return undefined;
  }
}
