// The gateway that is asked.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { getIntrospectionQuery } from "./introspection.js";

/** Points that a bucket holds, and the number at which the server is started anew. */
const BURST = 1_000_000_000;
const LOW = 200_000_000;

export class Server {
  /** Starts it on a free port. */
  static async start(binary, database, key) {
    const server = new Server();
    Object.assign(server, { binary, database, key });
    await server.#start();
    return server;
  }

  async #start() {
    // Hardly a point comes back, so what `RateLimit` has left tells what a request has cost.
    const rate = ["--rate-points", "1", "--rate-burst", String(BURST)];
    this.process = spawn(this.binary, ["serve", "--listen", "127.0.0.1:0", "--log", "error", ...rate], {
      env: { ...process.env, DATABASE_URL: this.database, REQUEST_TIMEOUT: "60" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    for await (const line of createInterface({ input: this.process.stdout })) {
      const url = line.match(/The API: (\S+)/)?.[1];
      if (url) {
        this.url = url;
        this.process.stdout.resume();
        return;
      }
    }
    throw new Error("the server did not start");
  }

  /** Stops it. */
  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
  }

  get pid() {
    return this.process.pid;
  }

  /** Asks; the answer, and the points that are left. */
  async ask({ query, variables, byGet }) {
    const headers = { "x-api-key": this.key };
    let response;
    if (byGet) {
      response = await fetch(`${this.url}?query=${encodeURIComponent(query)}`, { headers });
    } else {
      headers["content-type"] = "application/json";
      response = await fetch(this.url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    }
    const left = response.headers.get("ratelimit")?.match(/r=(\d+)/)?.[1];
    return { ...(await response.json()), left: left && Number(left) };
  }

  /** Asks, and expects no errors; the data. */
  async data(query, variables) {
    const { data, errors } = await this.ask({ query, variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Starts it anew if its bucket runs low. */
  async refill(left) {
    if (left > LOW) return;
    await this.stop();
    await this.#start();
  }

  async introspect() {
    return (await this.data(getIntrospectionQuery())).__schema;
  }
}
