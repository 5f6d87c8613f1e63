/** Subscriptions by server-sent events, as whoever is signed in. */
import { page } from "../shell/page";
import type { TypedDocumentString } from "./documents";

export type Standing = "connecting" | "live" | "ended";

/**
 * Listens until it is told to stop.
 *
 * @param tell gets each payload.
 * @param stand gets how the connection stands; where it breaks, the browser comes again by itself.
 * @returns what stops it.
 */
export function listen<D>(document: TypedDocumentString<D, Record<string, never>>, tell: (data: D) => void, stand: (standing: Standing) => void): () => void {
  const source = new EventSource(`${page.api}?${new URLSearchParams({ documentId: document.toString() })}`);
  stand("connecting");
  source.addEventListener("open", () => stand("live"));
  source.addEventListener("error", () => stand(source.readyState === EventSource.CLOSED ? "ended" : "connecting"));
  source.addEventListener("next", (event) => {
    const { data } = JSON.parse((event as MessageEvent<string>).data) as { data: D | null };
    if (data) tell(data);
  });
  source.addEventListener("complete", () => stand("connecting"));
  return () => source.close();
}
