// Walks over the schema, and measures the processor time that each way of asking takes for a point. No way
// may be more than 20 times cheaper than a plain page of contacts.
//
// node walk.js BINARY DATABASE_URL KEY [--only TEXT] [--all FILE]
//
// BINARY is contacts-gateway, compiled with optimisations; it is started here. The database has the
// contacts of `contacts-gateway demo --contacts 100000`; what they lack (companies, teams, users, stages) is
// added. KEY has all scopes. `--only` takes ways that contain the text, and `--all` writes every measurement
// into a file, a JSON object in each line. It needs /proc, and PostgreSQL on the same machine.
import { appendFileSync, writeFileSync } from "node:fs";

import { furnish } from "./walk/furnish.js";
import { Meter } from "./walk/meter.js";
import { Server } from "./walk/server.js";
import { ways } from "./walk/ways.js";

/** Maximum processor time of a point, as a multiple of what it is for a plain page. */
const MAX_RATIO = 20;
/** Page that everything is compared with. */
const PLAIN = "{ contacts { nodes { id firstName lastName email phone company city status updatedAt } } }";

const options = process.argv.slice(2);
const option = (name) => {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options.splice(at, 2)[1];
};
const [only, all] = [option("--only"), option("--all")];
const [binary, database, key] = options;
if (!key) {
  console.error("usage: node walk.js BINARY DATABASE_URL KEY [--only TEXT] [--all FILE]");
  process.exit(2);
}

const server = await Server.start(binary, database, key);
try {
  const facts = await furnish(server);
  const meter = new Meter(server, database);
  const plain = await meter.measure({ name: "a plain page", query: PLAIN });
  const unit = plain.ms / plain.points;
  console.log(`${plain.name}: ${plain.points} points, ${plain.ms.toFixed(2)} ms of processor time`);

  const measured = [];
  if (all) writeFileSync(all, "");
  for (const way of ways(facts, await server.introspect())) {
    if (only && !way.name.includes(only)) continue;
    const found = await meter.measure(way, MAX_RATIO * unit);
    // Arguments that exclude each other are refused.
    if (!found) continue;
    measured.push({ ...found, ratio: found.ms / found.points / unit });
    if (all) appendFileSync(all, `${JSON.stringify(measured.at(-1))}\n`);
  }

  const cheap = measured.filter((way) => way.ratio > MAX_RATIO).sort((a, b) => b.ratio - a.ratio);
  for (const { name, points, ms, ratio } of cheap.slice(0, 60)) {
    console.log(`${ratio.toFixed(0)} times: ${points.toFixed(0)} points, ${ms.toFixed(1)} ms: ${name}`);
  }
  const largest = Math.max(...measured.map((way) => way.ratio));
  console.log(`${measured.length} ways; ${cheap.length} too cheap; at most ${largest.toFixed(1)} times`);
  process.exitCode = cheap.length === 0 && measured.length > 0 ? 0 : 1;
} finally {
  await server.stop();
}
