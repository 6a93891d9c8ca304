// Asks a running server all that graphql-http's audits of GraphQL over HTTP ask.
//
// node audit.js http://127.0.0.1:8080/graphql KEY
import { serverAudits } from "graphql-http";

const [url, key] = process.argv.slice(2);
if (!url || !key) {
  console.error("usage: node audit.js URL KEY");
  process.exit(2);
}
const fetchFn = (to, options = {}) =>
  fetch(to, { ...options, headers: { ...options.headers, "x-api-key": key } });

const audits = serverAudits({ url, fetchFn });
let failed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== "ok") {
    failed += 1;
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${audits.length - failed} of ${audits.length} audits ok`);
process.exit(failed === 0 ? 0 : 1);
