/**
 * Asks for what the page will ask for first, while its scripts are still being read. A script of its own, small and run before
 * the others: what it does not foresee is asked for later, as ever.
 */
import { BookDocument, SessionDocument } from "./api/documents";
import { bodyOf, post } from "./api/post";
import { page } from "./shell/page";
import { AT_FIRST, asked } from "./views/book/asked";
import { recall } from "./views/book/chosen";
import { chosen as speaks } from "./words/choice";

const early = new Map<string, Promise<Response>>();
globalThis.engageEarly = early;

function send(body: string, after: Promise<unknown> = Promise.resolve()): Promise<Response> {
  const answer = after.then(() => post(body), () => post(body));
  answer.catch(() => undefined); // who takes it hears of it
  early.set(body, answer);
  return answer;
}

const query = new URLSearchParams(window.location.search);
const chosen = window.location.pathname === page.root ? recall(query) : null;
const book = chosen ? send(bodyOf(BookDocument, asked(chosen, query, AT_FIRST, query.get("after")))) : undefined;
// The rows come first: one process answers both, and the frame is drawn without what it asks for.
send(bodyOf(SessionDocument, { korean: speaks() === "ko" }), book);
// The first of these takes a browser some 20 ms, to read how days are written: better while it waits than when rows are drawn.
setTimeout(() => new Intl.DateTimeFormat(navigator.languages, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format());
