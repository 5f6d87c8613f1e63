// read.js CLIENT URL KEY: two pages of accounts by a client with typed documents; prints what the pages say as JSON.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { GraphQLClient } from "graphql-request";
import type { AccountsQuery, AccountsQueryVariables } from "../generated/gql/graphql.js";
import { ACCOUNTS } from "./documents.js";

declare const process: { argv: string[] };
declare const crypto: { subtle: SubtleCrypto };

type Read = (variables: AccountsQueryVariables) => Promise<AccountsQuery>;

const [client = "", url = "", key = ""] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const sent: string[] = [];

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const noted: typeof fetch = (input, init) => {
  sent.push(init?.method ?? "GET");
  return fetch(input, init);
};

function apollo(link: ApolloLink): Read {
  const made = new ApolloClient({ link, cache: new InMemoryCache() });
  return async (variables) => {
    const { data, error } = await made.query({ query: ACCOUNTS, variables });
    if (!data) throw error;
    return data;
  };
}

const clients: Record<string, () => Read> = {
  apollo: () => apollo(new HttpLink({ uri: url, headers, fetch: noted })),
  "apollo with persisted queries": () =>
    apollo(new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: url, headers, fetch: noted }))),
  "apollo with persisted queries by GET": () =>
    apollo(
      new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(
        new HttpLink({ uri: url, headers, fetch: noted, useGETForQueries: true }),
      ),
    ),
  urql: () => {
    const made = new Client({
      url,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers },
      fetch: noted,
    });
    return async (variables) => {
      const { data, error } = await made.query(ACCOUNTS, variables).toPromise();
      if (!data) throw error;
      return data;
    };
  },
  "graphql-request": () => {
    const made = new GraphQLClient(url, { headers, fetch: noted });
    return (variables) => made.request(ACCOUNTS, variables);
  },
};

/** A field of the root is null where it was refused, and then an error says why. */
function there<T>(field: T | null | undefined): T {
  if (field == null) throw new Error("a field of the root was refused");
  return field;
}

const made = clients[client];
if (!made) throw new Error(`There is no client ${client}.`);
const read = made();
const first = await read({ first: 2 });
const second = await read({ first: 2, after: there(first.accounts).pageInfo.endCursor });
const again = await read({ first: 2 });
const accounts = [...there(first.accounts).edges, ...there(second.accounts).edges].map(({ node }) => ({
  externalId: node.externalId,
  stage: node.stage,
  // The types say which of these may be null: tsc refuses this without the question marks.
  value: node.nps.score?.value ?? null,
  promoters: node.nps.score?.promoters ?? null,
  year: node.nps.score?.day.slice(0, 4) ?? null,
}));
console.log(
  JSON.stringify({
    tenant: there(first.tenant).name,
    accounts,
    hasMore: there(second.accounts).pageInfo.hasNextPage,
    cached: JSON.stringify(again) === JSON.stringify(first),
    sent,
  }),
);
