// What was compared, and where the two differ: for each way of differing its smallest document.
import { specifiedRules } from "graphql";
import { shrink } from "./shrink.js";

const size = ({ text, variables = "" }) => text.length + variables.length;
const words = (message = "") =>
  message
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d+/g, "0")
    .slice(0, 60);

export class Report {
  // Rules that nothing has broken are told too.
  #compared = new Map(specifiedRules.map((rule) => [rule.name.replace(/Rule$/, ""), [0, 0]]));
  #groups = new Map();
  #passed = 0;
  #failed = 0;
  #limited = new Map();

  add(one, result) {
    if (result.limited) {
      this.#limited.set(result.limited, (this.#limited.get(result.limited) ?? 0) + 1);
      return;
    }
    const rows = result.verdict.rules.length
      ? result.verdict.rules
      : [`valid ${one.kind.includes("mutation") ? "mutation" : "query"}`];
    for (const row of rows) {
      const [all, bad] = this.#compared.get(row) ?? [0, 0];
      this.#compared.set(row, [all + 1, bad + (result.theirs ? 1 : 0)]);
    }
    if (!result.theirs) {
      this.#passed += 1;
      return;
    }
    this.#failed += 1;
    const way = this.#way(result);
    const group = this.#groups.get(way) ?? { count: 0, shrinks: one.kind !== "mutation" };
    group.count += 1;
    if (!group.one || size(one) < size(group.one)) Object.assign(group, { one, result });
    this.#groups.set(way, group);
  }

  #way({ verdict, theirs, ours, answer }) {
    const said = theirs === "runs" ? answer?.errors?.[0]?.message : "";
    return `${theirs} (${verdict.rules.join(", ")}: ${words(verdict.message)}) / ${words(ours)} ${words(said)}`;
  }

  async shrink(difference) {
    for (const [way, group] of this.#groups) {
      if (!group.shrinks || group.result.theirs === "writes nothing") continue;
      let result = group.result;
      const one = await shrink(group.one, async (request) => {
        const found = await difference(request);
        if (!found.theirs || this.#way(found) !== way) return false;
        result = found;
        return true;
      });
      Object.assign(group, { one: { ...one, id: group.one.id }, result });
    }
  }

  print() {
    const lines = [...this.#compared].sort(([a], [b]) => a.localeCompare(b));
    for (const [row, [all, bad]] of lines)
      console.log(`${String(all).padStart(6)}  ${row}${bad ? `: ${bad} differ` : ""}`);
    for (const [limit, count] of this.#limited)
      console.log(`${String(count).padStart(6)}  not compared: beyond the limit ${limit}`);
    for (const { count, one, result } of this.#groups.values()) {
      console.log(`\n${count} as document ${one.id} (${one.kind})`);
      console.log(`  ${JSON.stringify(one.text)}`);
      if (one.variables !== undefined) console.log(`  variables ${one.variables}`);
      if (one.operationName !== undefined)
        console.log(`  operationName ${JSON.stringify(one.operationName)}`);
      console.log(
        `  graphql-js: ${result.theirs} ${result.verdict.rules.join(", ")} ${result.verdict.message ?? ""}`,
      );
      console.log(`  gateway:    ${result.ours} ${result.answer?.errors?.[0]?.message ?? ""}`);
      if (result.expected) {
        console.log(`  graphql-js: ${JSON.stringify(result.expected).slice(0, 2000)}`);
        console.log(`  gateway:    ${JSON.stringify(result.answer).slice(0, 2000)}`);
      }
    }
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0;
  }
}
