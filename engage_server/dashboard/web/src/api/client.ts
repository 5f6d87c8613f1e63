/** Asks the tenant's GraphQL API as whoever is signed in. */
import { Client, type CombinedError, fetchExchange } from "@urql/core";
import type { TypedDocumentString } from "./documents";
import { page } from "../shell/page";

const client = new Client({
  url: page.api,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: "network-only",
  fetch: send,
  fetchOptions: { credentials: "same-origin", headers: { "X-CSRFToken": page.token } },
});

/** Why there is no answer, or none for a part of what was asked. */
export interface Failure {
  kind: "OFFLINE" | "UNAVAILABLE" | "TOO_MUCH" | "REFUSED";
  text: string;
  /** Seconds until the server wants to be asked again; null where it does not say. */
  retryAfter: number | null;
}

export interface Answer<D> {
  data: D | null;
  failure: Failure | null;
}

const RELOADED = "engage.reloaded";
let asked = 0;

/** How many requests the page has sent; tests hold views to their bar by it. */
export const requests = (): number => asked;

export async function ask<D, V>(document: TypedDocumentString<D, V>, variables: V): Promise<Answer<D>> {
  const result = await client.query(document.toString(), variables as Record<string, unknown>).toPromise();
  return { data: (result.data as D | undefined) ?? null, failure: result.error ? failure(result.error) : null };
}

export async function change<D, V>(document: TypedDocumentString<D, V>, variables: V): Promise<Answer<D>> {
  const result = await client.mutation(document.toString(), variables as Record<string, unknown>).toPromise();
  return { data: (result.data as D | undefined) ?? null, failure: result.error ? failure(result.error) : null };
}

async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  asked += 1;
  const response = await fetch(input, init);
  if (response.status === 401) leave(page.signIn);
  if (response.status === 403) await leaveWhere(response);
  return response;
}

/** Some refusals a person mends on another page: which company it is, or a page that is older than the session. */
async function leaveWhere(response: Response): Promise<void> {
  const body = await response.clone().json().catch(() => null);
  const code: unknown = body?.errors?.[0]?.extensions?.code;
  if (code === "NO_TENANT_CHOSEN" || code === "NOT_A_MEMBER") leave(page.people);
  if (code === "FOREIGN_PAGE" && !sessionStorage.getItem(RELOADED)) {
    sessionStorage.setItem(RELOADED, "1"); // once: where a new page does not help, the refusal is shown
    window.location.reload();
  }
}

/** To another page, which leads back to this place. */
function leave(to: string): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`${to}?${new URLSearchParams({ next: here })}`);
}

function failure(error: CombinedError): Failure {
  const response = error.response as Response | undefined;
  const status = response?.status ?? 0;
  const text = error.graphQLErrors.map((one) => one.message).join(" ") || (error.networkError?.message ?? "");
  const codes = error.graphQLErrors.map((one) => one.extensions?.code);
  const retryAfter = Number(response?.headers?.get("Retry-After")) || null;
  if (status === 429 || codes.includes("RATE_LIMITED")) return { kind: "TOO_MUCH", text, retryAfter };
  if (status >= 500) return { kind: "UNAVAILABLE", text, retryAfter };
  if (!status && error.networkError) return { kind: "OFFLINE", text, retryAfter };
  return { kind: "REFUSED", text, retryAfter };
}
