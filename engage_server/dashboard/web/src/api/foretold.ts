/**
 * What a place of the dashboard asks for first, told to the server by a cookie: at the next visit the page comes with the
 * answer in its head, and nobody has to ask.
 */
import { page } from "../shell/page";
import type { TypedDocumentString } from "./documents";
import type { Reply } from "./post";

const COOKIE = "engage_first";
const KEPT_S = 30 * 86_400;

/** Tells what is asked for first where one is now. It ends in no log, unlike addresses, but what names persons is not told. */
export function foretell<D, V>(asked: TypedDocumentString<D, V>, variables: V): void {
  const here = encodeURIComponent(window.location.pathname + window.location.search);
  document.cookie = `${COOKIE}=${here}|${query(asked, variables)}; Path=${page.root}; SameSite=Lax; Max-Age=${KEPT_S}`;
}

/** The reply that came with the page, if it is to this. It may be to a document of an older page. */
export function foretold<D, V>(asked: TypedDocumentString<D, V>, variables: V): Reply | null {
  const found = document.getElementById("first");
  if (found?.dataset.asked !== query(asked, variables)) return null;
  return { ok: true, status: 200, statusText: "OK", isJson: true, retryAfter: null, text: found.textContent! };
}

const query = <D, V>(document: TypedDocumentString<D, V>, variables: V): string =>
  new URLSearchParams({ documentId: document.toString(), variables: JSON.stringify(variables) }).toString();
