import { words } from "../words/words";

const t = words({ GREEN: ["green", "양호"], YELLOW: ["yellow", "주의"], RED: ["red", "위험"], UNKNOWN: ["unknown", "미상"] });
const SHAPES: Record<string, string> = { GREEN: "●", YELLOW: "▲", RED: "■" };

/** The word that a metric's details call `band`; told by shape and word as well as by colour. */
export function Band({ band }: { band: string | null }) {
  if (!band) return null;
  const known = /^(GREEN|YELLOW|RED|UNKNOWN)$/.test(band);
  return (
    <span class={`band band-${band.toLowerCase()}`}>
      <i aria-hidden="true">{SHAPES[band] ?? "○"}</i>
      {known ? t(band as "GREEN") : band.toLowerCase().replaceAll("_", " ")}
    </span>
  );
}

/** The band among a value's details; null where its metric has none. */
export function bandOf(details: unknown): string | null {
  const band = (details as Record<string, unknown> | null)?.band;
  return typeof band === "string" ? band : null;
}
