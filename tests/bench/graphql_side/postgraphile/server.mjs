// PostGraphile 5 over one schema, as its guide sets it up: node server.mjs PORT SCHEMA, the database in BENCH_DSN_URL.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [port, schema] = process.argv.slice(2);
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.BENCH_DSN_URL, schemas: [schema] })],
  grafserv: { port: Number(port), graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
};
const server = createServer();
server.on("error", (error) => {
  throw error;
});
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(port), "127.0.0.1");
