import { signal } from "@preact/signals";
import { chosen, type Language, STORED } from "./choice";

export const language = signal<Language>(chosen());

/** Goes to a language; `speak` of the session does so once it is known what the server says in it. */
export function chooseLanguage(to: Language): void {
  localStorage.setItem(STORED, to);
  document.documentElement.lang = to;
  language.value = to;
}

/** Whether a text that comes from the server is Korean, for `lang`: a plugin of somebody else's may speak English alone. */
export const langOf = (text: string): Language => (/[가-힣]/.test(text) ? "ko" : "en");

export type Words<K extends string> = (key: K, parts?: Record<string, string | number>) => string;

/**
 * The words of a module in both languages side by side; `{name}` in them is a part that is given when they are said, and
 * `{name|s}` an ending that is left out where that part is one.
 */
export function words<K extends string>(pairs: Record<K, readonly [en: string, ko: string]>): Words<K> {
  return (key, parts = {}) =>
    pairs[key][language.value === "ko" ? 1 : 0]
      .replace(/\{(\w+)\|(\w+)\}/g, (_, name, ending) => (String(parts[name]) === "1" ? "" : ending))
      .replace(/\{(\w+)\}/g, (whole, name) => String(parts[name] ?? whole));
}
