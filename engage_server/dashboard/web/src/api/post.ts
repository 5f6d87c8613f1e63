/** How a document is sent, by the page and before it by `early.ts`. */
import { page } from "../shell/page";
import type { TypedDocumentString } from "./documents";

const TYPE = "application/graphql-response+json";

declare global {
  /** Answers that were asked for before the page's scripts were there, by the bodies of their requests. */
  var engageEarly: Map<string, Promise<Response>> | undefined;
}

export const bodyOf = <D, V>(document: TypedDocumentString<D, V>, variables: V): string =>
  JSON.stringify({ documentId: document.toString(), variables });

/** By POST: variables may name persons, and addresses end in logs. */
export const post = (body: string): Promise<Response> =>
  fetch(page.api, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: `${TYPE}, application/json`, "X-CSRFToken": page.token },
    body,
  });

/** The answer to a request that was sent early; once, so that the next of its kind asks anew. */
export function takeEarly(body: string): Promise<Response> | undefined {
  const found = globalThis.engageEarly?.get(body);
  globalThis.engageEarly?.delete(body);
  return found;
}
