// Puts GraphiQL on the page. It asks by the browser's session, or by a key: the key lives in this tab's
// sessionStorage and goes nowhere but into the Authorization header of requests to this server.
"use strict";

const { React, createRoot, GraphiQL } = window.GraphiQLBundle;
const STORED_KEY = "engage.query-key";
const token = document.querySelector('meta[name="csrf-token"]')?.content; // there where somebody is signed in
const field = document.getElementById("key");
const state = document.getElementById("key-state");
// Who has signed in asks as themselves: a key that was typed before would go on asking in their place.
if (token) sessionStorage.removeItem(STORED_KEY);
const root = createRoot(document.getElementById("graphiql"));

const EXAMPLE = `# Sign in or enter a query key above. Ctrl-Space completes, Ctrl-Enter sends.
{
  tenant { name timezone }
  metrics {
    id
    title
    latest { day value status n }
  }
}
`;

async function fetcher(params) {
  const key = sessionStorage.getItem(STORED_KEY);
  const response = await fetch(window.location.pathname, {
    method: "POST",
    credentials: key ? "omit" : "same-origin",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
      ...(key ? { Authorization: `Bearer ${key}` } : token ? { "X-CSRFToken": token } : {}),
    },
    body: JSON.stringify(params),
  });
  return response.json();
}

function show() {
  const key = sessionStorage.getItem(STORED_KEY);
  state.textContent = key
    ? `Using the key that ends in ${key.slice(-4)}.`
    : token ? "Signed in." : "No key yet.";
  // Another key may mean another schema: a new element key makes GraphiQL ask for it.
  const schema = key || token ? undefined : null; // undefined: ask for it; null: do without
  root.render(React.createElement(GraphiQL, { key: key || "none", fetcher, schema, defaultQuery: EXAMPLE }));
}

document.getElementById("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(STORED_KEY, field.value.trim());
  field.value = "";
  show();
});

show();
