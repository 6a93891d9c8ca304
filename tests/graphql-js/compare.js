// Compares the gateway's verdicts and answers with those of graphql-js: README.md.
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { Answers, Unanswered } from "./answers.js";
import { counts, makeFixtures, makeFresh } from "./fixtures.js";
import { answerWith, introspect } from "./introspection.js";
import { judge, readSchema } from "./judge.js";
import { Marks } from "./marks.js";
import { Plan } from "./plan.js";
import { Report } from "./report.js";
import { startServer } from "./server.js";

const { values: options } = parseArgs({
  options: {
    binary: { type: "string" },
    documents: { type: "string", default: "2000" },
    seed: { type: "string" },
    only: { type: "string" },
  },
});
if (!options.binary) {
  console.error("usage: node compare.js --binary PATH [--documents N] [--seed N] [--only ID]");
  process.exit(2);
}
const seed = Number(options.seed ?? Date.now() % 1000000);
console.log(`seed ${seed}`);

const server = await startServer(resolve(options.binary));
try {
  process.exitCode = (await compareAll()) ? 0 : 1;
} finally {
  await server.stop();
}

async function compareAll() {
  const fixtures = await makeFixtures(server);
  const schema = readSchema(await server.schema());
  answerWith(await introspect(server));
  const answers = new Answers(server, schema);
  await answers.load();

  // What differs, or nothing.
  const difference = async (request, marks) => {
    const verdict = judge(schema, request);
    const answer = await server.request(request);
    const code = answer.errors?.[0]?.extensions?.code;
    const refused = answer.data === undefined;
    // Cycles of fragments are also a limit of the gateway, of none.
    if (
      verdict.rules.includes("NoFragmentCycles") &&
      answer.errors?.[0].extensions.limit === "fragmentCycles"
    )
      return { verdict };
    if (code === "QUERY_TOO_COMPLEX") return { verdict, limited: answer.errors[0].extensions.limit };
    if (refused && verdict.deep) return { verdict, limited: "depth of introspection" };
    if (refused && verdict.loose && code === "GRAPHQL_VALIDATION_FAILED") return { verdict };
    if (verdict.code) {
      if (refused && code === verdict.code && answer.status >= 400 && answer.status < 500) return { verdict };
      return {
        verdict,
        theirs: verdict.code,
        ours: refused ? `${code}, status ${answer.status}` : "runs",
        answer,
      };
    }
    // graphql-js lets the field fail when it comes to it, and the gateway lets nothing run: README.
    if (refused && verdict.nulled && code === "BAD_USER_INPUT") return { verdict };
    if (refused) return { verdict, theirs: "runs", ours: code, answer };
    if (marks) await answers.load();
    const expected = await answers.execute(
      verdict,
      marks && ((key, args) => marks.answer(key, args, answers)),
    );
    const lost = expected.errors?.find((error) => error.originalError instanceof Unanswered);
    if (lost) return { verdict, theirs: "not judged", ours: lost.message, answer };
    const [theirs, ours] = [expected, answer].map(({ data, errors = [] }) => ({
      data,
      at: [...new Set(errors.map((error) => JSON.stringify(error.path)))].sort(),
    }));
    const wrong = marks?.wrong(answers);
    if (wrong) return { verdict, theirs: "runs once", ours: wrong, answer };
    if (JSON.stringify(theirs) === JSON.stringify(ours)) return { verdict };
    return { verdict, theirs: "answers", ours: "answers otherwise", expected: theirs, answer: ours };
  };

  const report = new Report();
  const later = [];
  const documents = new Plan(schema, fixtures, seed).documents(Number(options.documents));
  const work = async () => {
    for (const one of documents) {
      if (server.ended()) return;
      if (options.only !== undefined && String(one.id) !== options.only) continue;
      if (one.kind.includes("mutation")) later.push(one);
      else report.add(one, await difference(one));
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  // Which of those that were under way it was, --only tells.
  if (server.ended()) return report.print();

  let before = await counts(server);
  for (const one of later.filter(({ kind }) => kind === "refused mutation")) {
    report.add(one, await difference(one));
    const after = await counts(server);
    if (after !== before) {
      report.add(one, {
        verdict: judge(schema, one),
        theirs: "writes nothing",
        ours: "the database has changed",
        answer: { before, after },
      });
      before = after;
    }
  }
  // Shrinking sends documents again, and so comes before anything is written on purpose.
  await report.shrink((request) => difference(request));

  for (const one of await makeFresh(
    server,
    later.filter(({ kind }) => kind === "mutation"),
  ))
    report.add(one, await difference(one, new Marks(one)));
  return report.print();
}
