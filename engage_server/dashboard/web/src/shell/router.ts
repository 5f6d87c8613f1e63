import { signal } from "@preact/signals";
import { page } from "./page";

/** Where one is: the path below the dashboard's root, and the query, in which filters, order and columns live. */
export interface Place {
  path: readonly string[];
  query: URLSearchParams;
}

export const place = signal<Place>(read());

export type Query = Record<string, string | null | undefined>;

function read(): Place {
  const below = window.location.pathname.slice(page.root.length);
  const path = below.split("/").filter(Boolean).map(decodeURIComponent);
  return { path, query: new URLSearchParams(window.location.search) };
}

/** The address of a view: `link(["accounts", id], { since })`. */
export function link(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] != null && pair[1] !== "");
  const text = new URLSearchParams(given).toString();
  return page.root + path.map(encodeURIComponent).join("/") + (text && `?${text}`);
}

export function go(href: string, { replace = false }: { replace?: boolean } = {}): void {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  place.value = read();
}

/** Changes parts of the query and stays where one is; null takes a part out. */
export function setQuery(changes: Query): void {
  const now = Object.fromEntries(place.peek().query);
  go(link(place.peek().path, { ...now, ...changes }), { replace: true });
}

export function startRouter(): void {
  window.addEventListener("popstate", () => (place.value = read()));
  document.addEventListener("click", (event) => {
    const target = (event.target as Element).closest("a");
    if (!target || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (target.origin !== window.location.origin || target.target || target.hasAttribute("download")) return;
    if (!target.pathname.startsWith(page.root)) return;
    event.preventDefault();
    go(target.href);
    window.scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}
