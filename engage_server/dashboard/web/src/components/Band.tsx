import { said } from "../words/enums";

const SHAPES: Record<string, string> = { GREEN: "●", YELLOW: "▲", RED: "■" };

/** The word that a metric's details call `band`; told by shape and word as well as by colour. */
export function Band({ band }: { band: string | null }) {
  if (!band) return null;
  return (
    <span class={`band band-${band.toLowerCase()}`}>
      <i aria-hidden="true">{SHAPES[band] ?? "○"}</i>
      {said(band)}
    </span>
  );
}

/** The band among a value's details; null where its metric has none. */
export function bandOf(details: unknown): string | null {
  const band = (details as Record<string, unknown> | null)?.band;
  return typeof band === "string" ? band : null;
}
