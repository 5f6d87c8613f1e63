import { type Signal, signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { type Answer, ask, atHand, type Failure } from "./client";
import type { TypedDocumentString } from "./documents";

/** What a tile knows: the newest answer, when it came, and why there is no newer one. */
export interface TileState<D> {
  data: D | null;
  loadedAt: Date | null;
  loading: boolean;
  failure: Failure | null;
}

const FRESH_MS = 30_000; // going back to a view within these shows what was seen, and asks nothing
const MOST_KEPT = 40;
/** A state, and the refresh that it was asked for last. */
interface Kept {
  state: Signal<TileState<unknown>>;
  refresh: number;
}

const kept = new Map<string, Kept>();
const inFlight = new Map<string, Promise<Answer<unknown>>>();

/** Raised by the one button that refreshes everything in view. */
export const refreshes = signal(0);

/**
 * One request of a view, as a state that stays: where a newer answer fails, the last one is kept with its age.
 *
 * @param variables null asks nothing yet, because what is to be asked is not known.
 */
export function useTile<D, V>(document: TypedDocumentString<D, V>, variables: V | null): TileState<D> {
  const key = variables && `${document}${JSON.stringify(variables)}`;
  const count = refreshes.value;
  const entry = key && variables ? (recalled(key) ?? begun(key, atHand(document, variables))) : null;
  const state = entry?.state as Signal<TileState<D>> | undefined;
  // Before anything is painted: painting would keep the request waiting.
  useLayoutEffect(() => {
    if (key && variables && entry) void load(key, entry, count, () => ask(document, variables));
  }, [key, count]);
  return state?.value ?? { data: null, loadedAt: null, loading: true, failure: null };
}

/** Has asked what a tile is about to ask for, so that it is there when the tile is drawn. */
export function ahead<D, V>(document: TypedDocumentString<D, V>, variables: V): Promise<void> {
  const key = `${document}${JSON.stringify(variables)}`;
  return load(key, recalled(key) ?? begun(key, null), refreshes.peek(), () => ask(document, variables));
}

/** Everything in view asks anew, and what is not in view when it is looked at again. */
export function refreshAll(): void {
  refreshes.value += 1;
}

function recalled(key: string): Kept | undefined {
  const found = kept.get(key);
  if (found) keep(key, found);
  return found;
}

function begun(key: string, answer: Answer<unknown> | null): Kept {
  const { data = null, failure = null } = answer ?? {};
  const state = signal({ data, loadedAt: data ? new Date() : null, loading: !answer, failure });
  return keep(key, { state, refresh: 0 });
}

/** The newest stands last, so that the first is the one to forget. */
function keep(key: string, one: Kept): Kept {
  kept.delete(key);
  kept.set(key, one);
  for (const old of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(old);
  }
  return one;
}

async function load(key: string, entry: Kept, refresh: number, send: () => Promise<Answer<unknown>>): Promise<void> {
  const { state } = entry;
  const { loadedAt, failure } = state.peek();
  const isFresh = loadedAt && !failure && Date.now() - loadedAt.getTime() < FRESH_MS;
  if (isFresh && entry.refresh >= refresh) return;
  entry.refresh = refresh;
  let answer = inFlight.get(key);
  if (!answer) {
    state.value = { ...state.peek(), loading: true };
    answer = send().finally(() => inFlight.delete(key));
    inFlight.set(key, answer);
  }
  const { data, failure: why } = await answer;
  const before = state.peek();
  state.value = {
    data: data ?? before.data,
    loadedAt: data ? new Date() : before.loadedAt,
    loading: false,
    failure: why,
  };
}
