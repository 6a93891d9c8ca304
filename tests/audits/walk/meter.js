// The processor time of the server, and of PostgreSQL's processes that serve it.
import { readFileSync, readdirSync } from "node:fs";

/** Processor time, in ms, and number of requests that make a measurement. */
const ENOUGH_MS = 30;
const MIN_REQUESTS = 2;
const MAX_REQUESTS = 12;
/** Points of a request that asks for nothing. */
const MARK_POINTS = 10;

export class Meter {
  constructor(server, database) {
    this.server = server;
    // The processes of PostgreSQL have the name of the database in their titles.
    this.title = database.startsWith("postgres") ? ` ${new URL(database).pathname.slice(1)} ` : undefined;
  }

  /** Asks several times; the points and the processor time of one request, or undefined if it is refused.
   * A request that takes long is asked once, unless it takes more than `limit` ms for a point: the first may be
   * slower than the others, as it fills caches. */
  async measure(way, limit = 0) {
    await this.server.refill(this.left ?? Infinity);
    const first = await this.#ask(way, 1, 1);
    if (!first || (first.ms > ENOUGH_MS && first.ms <= first.points * limit)) return first;
    return this.#ask(way, first.ms > ENOUGH_MS ? 1 : MIN_REQUESTS, MAX_REQUESTS);
  }

  /** Asks until it has taken enough time to measure. */
  async #ask(way, min, max) {
    const before = await this.#mark();
    let [requests, ms] = [0, 0];
    while (requests < min || (ms < ENOUGH_MS && requests < max)) {
      const answer = await this.server.ask(way);
      if (answer.errors && !way.isRefused) return undefined;
      requests += 1;
      ms = this.#since(before);
    }
    this.left = (await this.#mark()).left;
    const points = (before.left - this.left - MARK_POINTS) / requests;
    return { name: way.name, points, ms: ms / requests, query: way.query.slice(0, 2_000) };
  }

  /** What is left, and the times so far. */
  async #mark() {
    const { left } = await this.server.ask({ query: "{ __typename }" });
    return { left, times: this.#times() };
  }

  /** Processor time since a mark, in ms. A process that has ended since does not count. */
  #since({ times }) {
    let nanos = 0;
    for (const [pid, time] of this.#times()) nanos += time - (times.get(pid) ?? 0);
    return nanos / 1e6;
  }

  /** Processor time of each process so far, in ns. */
  #times() {
    const times = new Map([[this.server.pid, threads(this.server.pid)]]);
    if (!this.title) return times;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const title = read(`/proc/${pid}/cmdline`);
      if (title.startsWith("postgres:") && title.includes(this.title) && !title.includes("autovacuum")) {
        times.set(Number(pid), threads(pid));
      }
    }
    return times;
  }
}

/** Processor time of all threads of a process, in ns. */
function threads(pid) {
  let tasks;
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0;
  }
  const time = (task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0]);
  return tasks.reduce((sum, task) => sum + time(task), 0);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
