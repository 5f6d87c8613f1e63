// node audits.mjs URL KEY: what graphql-http's audits say of the server, as JSON.
import { serverAudits } from "graphql-http";

const [url, key] = process.argv.slice(2);
const fetchFn = (address, given = {}) =>
  fetch(address, { ...given, headers: { ...given.headers, authorization: `Bearer ${key}` } });
const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? "" });
}
console.log(JSON.stringify(results));
