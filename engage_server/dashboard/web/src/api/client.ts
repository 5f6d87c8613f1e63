/** Asks the tenant's GraphQL API as whoever is signed in, by the ids of documents that the server trusts. */
import { signal } from "@preact/signals";
import type { TypedDocumentString } from "./documents";
import { page } from "../shell/page";
import { bodyOf, isHere, post, type Reply, takeEarly } from "./post";

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

interface Body<D> {
  data?: D | null;
  errors?: readonly { message: string; path?: readonly (string | number)[]; extensions?: { code?: string } }[];
}

const RELOADED = "engage.reloaded";
const SHORT_S = 30; // a patience that the page has by itself, where the server asks for it
const MOST_TRIES = 4;
let asked = 0;

/** Seconds that the server wants to be left alone for, after which the page asks again by itself; null: it answers. */
export const patience = signal<number | null>(null);

/** How many requests the page has sent; tests hold views to their bar by it. */
export const requests = (): number => asked;

/** Sends a query or a mutation. What was not taken since too much was asked is sent again, when the server wants it. */
export async function ask<D, V>(document: TypedDocumentString<D, V>, variables: V): Promise<Answer<D>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(document, variables);
    const wait = answer.failure?.kind === "TOO_MUCH" ? answer.failure.retryAfter : null;
    if (wait === null || wait > SHORT_S || attempt === MOST_TRIES) return answer;
    patience.value = Math.max(wait, patience.peek() ?? 0);
    await new Promise((done) => setTimeout(done, wait * 1000));
    patience.value = null;
  }
}

async function send<D, V>(document: TypedDocumentString<D, V>, variables: V): Promise<Answer<D>> {
  asked += 1;
  try {
    const body = bodyOf(document, variables);
    return answered<D>(await (takeEarly(body)?.reply ?? post(body)));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // by which fetch says that nobody answers
    return { data: null, failure: { kind: "OFFLINE", text: error.message, retryAfter: null } };
  }
}

/** The answer to what was asked for before the page's scripts were there, if it has come by now. */
export function atHand<D, V>(document: TypedDocumentString<D, V>, variables: V): Answer<D> | null {
  const body = bodyOf(document, variables);
  if (!isHere(body)) return null;
  asked += 1;
  return answered<D>(takeEarly(body)!.here!);
}

function answered<D>(reply: Reply): Answer<D> {
  // What a proxy answers in the server's place is no JSON; its status says enough.
  const body = reply.isJson ? (JSON.parse(reply.text) as Body<D>) : { errors: [{ message: `${reply.status} ${reply.statusText}` }] };
  leaveWhere(reply.status, codesOf(body));
  return { data: isWhole(body) ? (body.data ?? null) : null, failure: failure(reply, body) };
}

/** Whether no field of the root failed. What a role may not see is no failure: views do without it. */
function isWhole({ data, errors }: Body<unknown>): boolean {
  const fields = data as Record<string, unknown> | null | undefined;
  return !errors?.some(({ path, extensions }) => path && fields?.[path[0]!] === null && extensions?.code !== "FORBIDDEN");
}

const codesOf = (body: Body<unknown>): (string | undefined)[] => (body.errors ?? []).map((one) => one.extensions?.code);

/** Some refusals a person mends on another page: signing in, which company it is, or a page older than the session. */
function leaveWhere(status: number, [code]: readonly (string | undefined)[]): void {
  if (status === 401) leave(page.signIn);
  if (status !== 403) return;
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

function failure({ ok, status, retryAfter }: Reply, body: Body<unknown>): Failure | null {
  if (ok && !body.errors?.length) return null;
  const text = (body.errors ?? []).map((one) => one.message).join(" ");
  if (status === 429 || codesOf(body).includes("RATE_LIMITED")) return { kind: "TOO_MUCH", text, retryAfter };
  if (status >= 500) return { kind: "UNAVAILABLE", text, retryAfter };
  return { kind: "REFUSED", text, retryAfter };
}
