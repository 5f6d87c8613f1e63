import { signal } from "@preact/signals";

export type Theme = "light" | "dark";
const STORED = "engage.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** Null: as the system is set. */
const kept = signal<Theme | null>(localStorage.getItem(STORED) as Theme | null);
export const theme = signal<Theme>(now());

function now(): Theme {
  return kept.peek() ?? (dark.matches ? "dark" : "light");
}

export function startTheme(): void {
  dark.addEventListener("change", show);
  show();
}

export function switchTheme(): void {
  kept.value = theme.peek() === "dark" ? "light" : "dark";
  localStorage.setItem(STORED, kept.value);
  show();
}

function show(): void {
  theme.value = now();
  document.documentElement.dataset.theme = theme.value;
}
