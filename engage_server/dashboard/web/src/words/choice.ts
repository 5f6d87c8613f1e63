/** Which language the reader chose, or the browser speaks. */
export type Language = "en" | "ko";
export const STORED = "engage.language";

export function chosen(): Language {
  const kept = localStorage.getItem(STORED);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.languages.some((tag) => tag.startsWith("ko")) && !firstIsEnglish() ? "ko" : "en";
}

function firstIsEnglish(): boolean {
  return navigator.languages.find((tag) => /^(en|ko)/.test(tag))?.startsWith("en") ?? true;
}
