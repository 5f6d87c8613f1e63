import { useState } from "preact/hooks";
import { ask, type Failure } from "./client";
import type { TypedDocumentString } from "./documents";
import { refreshAll } from "./tile";

/** What a form knows of the write that it sends. */
export interface Change<D, V> {
  /** Sends it; the answer, or null where it was refused. What is in view asks anew after it. */
  send: (variables: V) => Promise<D | null>;
  busy: boolean;
  failure: Failure | null;
  /** What came of it last. */
  data: D | null;
}

/** @param refreshes false for a trial, which changes nothing that is in view. */
export function useChange<D, V>(document: TypedDocumentString<D, V>, { refreshes = true } = {}): Change<D, V> {
  const [state, setState] = useState<Omit<Change<D, V>, "send">>({ busy: false, failure: null, data: null });
  const send = async (variables: V) => {
    setState((now) => ({ ...now, busy: true, failure: null }));
    const { data, failure } = await ask(document, variables);
    const made = failure ? null : data;
    setState({ busy: false, failure, data: made });
    if (made && refreshes) refreshAll();
    return made;
  };
  return { ...state, send };
}
