// node read.mjs URL KEY: a portfolio by pages, an account and a goal again, by Relay's store; prints what the store holds.
import relay from "relay-runtime";

const { ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, getSelector, Network, RecordSource, Store } = relay;
const [url, key] = process.argv.slice(2);
const warnings = [];
console.error = (...words) => warnings.push(words.join(" "));
console.warn = console.error;

const artifact = async (name) => (await import(`../generated/relay/${name}.graphql.js`)).default;
const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(async (request, variables) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ query: request.text, operationName: request.name, variables }),
    });
    return answer.json();
  }),
});

async function read(name, variables) {
  const query = await artifact(name);
  environment.retain(createOperationDescriptor(query, variables));
  return fetchQuery(environment, query, variables).toPromise();
}

function lookUp(fragment, reference) {
  const { data, isMissingData } = environment.lookup(getSelector(fragment, reference));
  if (isMissingData) throw new Error(`${fragment.name} lacks data in the store`);
  return data;
}

const whole = await read("documentsPortfolioQuery", { first: 2 });
const portfolio = await artifact("documents_portfolio");
const pages = [2];
for (;;) {
  const { pageInfo } = lookUp(portfolio, whole).accounts;
  if (!pageInfo.hasNextPage) break;
  await read("documentsPortfolioPageQuery", { first: 2, after: pageInfo.endCursor });
  pages.push(lookUp(portfolio, whole).accounts.edges.length);
}
const account = await artifact("documents_account");
const accounts = lookUp(portfolio, whole).accounts.edges.map((edge) => lookUp(account, edge.node));
const again = await read("documentsAccountRefetchQuery", { id: accounts[0].id });
const goals = await read("documentsGoalQuery", { first: 5 });
const goal = await artifact("documents_goal");
const refetched = await read("documentsGoalRefetchQuery", { id: goals.goals.edges[0].node.id });
console.log(
  JSON.stringify({
    pages,
    accounts: accounts.map(({ name, nps }) => ({ name, value: nps.score?.value ?? null })),
    account: lookUp(account, again.node).name,
    goal: lookUp(goal, refetched.node)?.name,
    plugins: whole.plugins.length,
    bundles: whole.bundles.map(({ title }) => title),
    warnings,
  }),
);
