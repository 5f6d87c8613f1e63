/**
 * Asks for what the page will ask for first, while its scripts are still being read. A script of its own, small and run before
 * the others: what it does not foresee is asked for later, as ever.
 */
import { BookDocument, type BookQueryVariables, SessionDocument } from "./api/documents";
import { foretold } from "./api/foretold";
import { bodyOf, type Early, post, type Reply } from "./api/post";
import { page } from "./shell/page";
import { AT_FIRST, asked } from "./views/book/asked";
import { recall } from "./views/book/chosen";
import { chosen as speaks } from "./words/choice";

const early = new Map<string, Early>();
globalThis.engageEarly = early;

function keep(body: string, reply: Promise<Reply>): Promise<Reply> {
  const asked: Early = { reply };
  reply.then((here) => (asked.here = here), () => undefined); // who takes it hears of a failure
  early.set(body, asked);
  return reply;
}

function askBook(variables: BookQueryVariables): Promise<Reply> {
  const body = bodyOf(BookDocument, variables);
  const here = foretold(BookDocument, variables);
  if (!here) return keep(body, post(body));
  const reply = Promise.resolve(here);
  early.set(body, { reply, here });
  return reply;
}

const query = new URLSearchParams(window.location.search);
const chosen = window.location.pathname === page.root ? recall(query) : null;
const book = chosen ? askBook(asked(chosen, query, AT_FIRST, query.get("after"))) : Promise.resolve();
// The rows come first: one processor answers both and draws, and the frame is drawn without what it asks for.
const session = bodyOf(SessionDocument, { korean: speaks() === "ko" });
const drawn = new Promise((done) => document.addEventListener("DOMContentLoaded", done));
keep(session, Promise.allSettled([book, drawn]).then(() => post(session)));
// The first of these takes a browser some 20 ms, to read how days are written: better while it waits than when rows are drawn.
setTimeout(() => new Intl.DateTimeFormat(navigator.languages, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format());
