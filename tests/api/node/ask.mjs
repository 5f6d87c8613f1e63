// node ask.mjs CLIENT URL KEY: asks for the tenant's name by the client with its defaults, and prints the answer as JSON.
import { cacheExchange, Client, fetchExchange, gql } from "@urql/core";
import { GraphQLClient } from "graphql-request";

const [client, url, key] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const QUERY = "query Name($first: Int!) { tenant { name } accounts(first: $first) { edges { node { externalId } } } }";
const ask = {
  async urql() {
    const made = new Client({ url, exchanges: [cacheExchange, fetchExchange], fetchOptions: { headers } });
    const { data, error } = await made.query(gql(QUERY), { first: 5 }).toPromise();
    if (error) throw error;
    return JSON.parse(JSON.stringify(data, (name, value) => (name === "__typename" ? undefined : value)));
  },
  "graphql-request": () => new GraphQLClient(url, { headers }).request(QUERY, { first: 5 }),
  "graphql-request by GET": () =>
    new GraphQLClient(url, { headers, method: "GET", jsonSerializer: JSON }).request(QUERY, { first: 5 }),
};
console.log(JSON.stringify(await ask[client]()));
