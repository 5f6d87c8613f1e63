/** How a document is sent, by the page and before it by `early.ts`. */
import { page } from "../shell/page";
import type { TypedDocumentString } from "./documents";

const TYPE = "application/graphql-response+json";

/** What the server said, read to its end. */
export interface Reply {
  ok: boolean;
  status: number;
  statusText: string;
  isJson: boolean;
  /** Seconds until the server wants to be asked again; null where it does not say. */
  retryAfter: number | null;
  text: string;
}

/** What was asked for before the page's scripts were there; `here` once it has come. */
export interface Early {
  reply: Promise<Reply>;
  here?: Reply;
}

declare global {
  /** By the bodies of the requests. */
  var engageEarly: Map<string, Early> | undefined;
}

export const bodyOf = <D, V>(document: TypedDocumentString<D, V>, variables: V): string =>
  JSON.stringify({ documentId: document.toString(), variables });

/** By POST: variables may name persons, and addresses end in logs. */
export const post = (body: string): Promise<Reply> =>
  replied(
    fetch(page.api, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: `${TYPE}, application/json`, "X-CSRFToken": page.token },
      body,
    }),
  );

export async function replied(asked: Promise<Response>): Promise<Reply> {
  const response = await asked;
  const { ok, status, statusText, headers } = response;
  const isJson = headers.get("Content-Type")?.includes("json") ?? false;
  return { ok, status, statusText, isJson, retryAfter: Number(headers.get("Retry-After")) || null, text: await response.text() };
}

/** The reply to a request that was sent early; once, so that the next of its kind asks anew. */
export function takeEarly(body: string): Early | undefined {
  const found = globalThis.engageEarly?.get(body);
  globalThis.engageEarly?.delete(body);
  return found;
}

/** Whether such a reply has come, and is an answer. */
export const isHere = (body: string): boolean => globalThis.engageEarly?.get(body)?.here?.ok ?? false;
