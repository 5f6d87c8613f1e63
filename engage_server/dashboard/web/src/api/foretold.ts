/**
 * What a place of the dashboard asks for first, told to the server by a cookie: at the next visit the page names it in its
 * head, and a browser asks for it before it has read any script.
 */
import { page } from "../shell/page";
import type { TypedDocumentString } from "./documents";
import { type Reply, replied } from "./post";

const COOKIE = "engage_first";
const KEPT_S = 30 * 86_400;

/** The address by which a document is asked for. Addresses end in logs: what names persons is asked for by POST. */
export const addressOf = <D, V>(document: TypedDocumentString<D, V>, variables: V): string =>
  `${page.api}?${query(document, variables)}`;

/** Tells what is asked for first where one is now. */
export function foretell<D, V>(asked: TypedDocumentString<D, V>, variables: V): void {
  const here = encodeURIComponent(window.location.pathname + window.location.search);
  document.cookie = `${COOKIE}=${here}|${query(asked, variables)}; Path=${page.root}; SameSite=Lax; Max-Age=${KEPT_S}`;
}

/** What the page's head asked for, if it is this: once, for whoever takes it. */
export function takeForetold(address: string): Promise<Reply> | null {
  const told = document.querySelector('link[rel="preload"][as="fetch"]')?.getAttribute("href");
  return told === address ? replied(fetch(address)) : null;
}

const query = <D, V>(document: TypedDocumentString<D, V>, variables: V): string =>
  new URLSearchParams({ documentId: document.toString(), variables: JSON.stringify(variables) }).toString();
