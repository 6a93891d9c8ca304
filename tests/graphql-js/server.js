// A gateway of its own for the comparison: on SQLite in a fresh folder, on a free port, with
// limits so wide that they get in nobody's way.
import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  ["--listen", "127.0.0.1:0"],
  ["--rate-points", "0"],
  ["--max-complexity", "10000000"],
  ["--max-aliases", "1000"],
  ["--max-directives", "1000"],
  ["--max-fragments", "1000"],
  ["--max-operations", "1000"],
  ["--max-depth", "40"],
  ["--max-selections", "100000"],
  ["--max-introspection-lists", "40"],
  ["--log", "warn"],
].flat();

export async function startServer(binary) {
  const folder = await mkdtemp(join(tmpdir(), "graphql-js-"));
  const path = join(folder, "out");
  const out = await open(path, "w");
  const flags = [...FLAGS, "--database-url", `sqlite:${join(folder, "contacts.db")}`];
  const child = spawn(binary, flags, { stdio: ["ignore", out.fd, out.fd] });
  const ended = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  let gone = false;
  ended.then(() => (gone = true));

  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await out.close();
    await rm(folder, { recursive: true, force: true });
  };

  let said = "";
  for (let i = 0; i < 300 && !gone; i += 1) {
    said = await readFile(path, "utf8");
    const url = said.match(/http:\/\/[\d.]+:\d+\/graphql/)?.[0];
    const key = said.match(/cgw_[0-9A-Za-z]{50}/)?.[0];
    if (url && key) return new Server(url, key, stop, () => (gone ? readFile(path, "utf8") : undefined));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the gateway did not start: ${said}`);
}

class Server {
  // `ended` has its last words, once it has ended.
  constructor(url, key, stop, ended) {
    this.url = url;
    this.stop = stop;
    this.ended = ended;
    this.headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      "x-api-key": key,
    };
  }

  // `variables` is text, so that numbers and repeated keys arrive as they were written.
  async request({ text, variables, operationName }) {
    const parts = [`"query":${JSON.stringify(text)}`];
    if (variables !== undefined) parts.push(`"variables":${variables}`);
    if (operationName !== undefined) parts.push(`"operationName":${JSON.stringify(operationName)}`);
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: this.headers,
        body: `{${parts.join(",")}}`,
      });
      return { status: answer.status, ...(await answer.json()) };
    } catch (error) {
      // Time to notice that the process is gone.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const said = (await this.ended())?.split("\n").slice(-8).join("\n");
      const message = said ? `the gateway has ended: ${said}` : `no answer: ${error.cause ?? error}`;
      return { status: 0, errors: [{ message, extensions: { code: "NO_ANSWER" } }] };
    }
  }

  // For queries and mutations of our own, which have to succeed.
  async run(text, variables = {}) {
    const answer = await this.request({ text, variables: JSON.stringify(variables) });
    if (!answer.data || answer.errors) {
      throw new Error(`${text}: ${JSON.stringify(answer)}`);
    }
    return answer.data;
  }

  async schema() {
    const answer = await fetch(this.url.replace(/graphql$/, "schema.graphql"));
    if (!answer.ok) throw new Error(`/schema.graphql is answered with ${answer.status}`);
    return answer.text();
  }
}
