/** Who asks, in which tenant, and which metrics there are: asked once for all views. */
import { type SessionQuery, SessionDocument } from "./documents";
import { ahead, useTile, type TileState } from "./tile";
import { type Language } from "../words/choice";
import { chooseLanguage, language } from "../words/words";

export type Definition = SessionQuery["metrics"][number];

export function useSession(): TileState<SessionQuery> {
  const state = useTile(SessionDocument, { korean: language.value === "ko" });
  if (!korean.size && state.data?.labels) {
    for (const one of state.data.metrics) korean.set(one.title, one.titleKo);
    for (const [text, said] of Object.entries(state.data.labels as Record<string, string>)) korean.set(text, said);
  }
  return state;
}

/** Goes to a language once it is known what plugins and server say in it: nothing is drawn half in another. */
export async function speak(to: Language): Promise<void> {
  if (to === "ko") await ahead(SessionDocument, { korean: true });
  chooseLanguage(to);
}

const korean = new Map<string, string>(); // titles of metrics and what their parts say, by the English text; {} is what varies

/** The name of a part or its note in the reader's language, as far as the plugin or the server says it in Korean. */
export function local(label: string): string {
  if (language.value !== "ko") return label;
  const known = korean.get(label);
  if (known) return known;
  for (const [text, said] of korean) {
    if (!text.includes("{}")) continue;
    const varies = new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "(.+)")}$`, "s").exec(label);
    if (varies) return said.replaceAll("{}", () => local(varies.splice(1, 1)[0]!));
  }
  return label;
}

export const titleOf = (definition: Definition): string =>
  language.value === "ko" ? definition.titleKo : definition.title;

export const unitOf = (definition: Definition): string => (language.value === "ko" ? definition.unitKo : definition.unit);

/** The title of a metric by its id; the id where it is no metric of the company's. */
export const titleOfMetric = (session: SessionQuery | null) => (id: string): string => {
  const found = session?.metrics.find((one) => one.id === id);
  return found ? titleOf(found) : id;
};

export const may = (session: SessionQuery, permission: string): boolean =>
  (session.viewer.permissions as readonly string[]).includes(permission.toUpperCase().replace(":", "_"));

const ofAccounts = (definition: Definition): boolean => definition.subjects.includes("ACCOUNT");

/** Metrics that an account may have, in the order of the plugins. */
export const accountMetrics = (session: SessionQuery): Definition[] => session.metrics.filter(ofAccounts);

/** The metric by which accounts are looked at: the one asked for, else one of health, else the tenant's own choice. */
export function scoreMetric(session: SessionQuery, wanted: string | null): Definition | null {
  const all = accountMetrics(session);
  const named = (id: string | null | undefined) => all.find((one) => one.id === id);
  return named(wanted) ?? all.find((one) => one.category === "health") ?? named(session.tenant.primaryMetric) ?? all[0] ?? null;
}

/** What an account is worth: the one asked for, else the first of the plugin that measures most in money. */
export function worthMetric(session: SessionQuery, wanted: string | null): Definition | null {
  const all = accountMetrics(session).filter((one) => one.unit === MONEY);
  const inMoney = (plugin: string) => session.metrics.filter((one) => one.plugin === plugin && one.unit === MONEY).length;
  const largest = [...all].sort((one, other) => inMoney(other.plugin) - inMoney(one.plugin));
  return all.find((one) => one.id === wanted) ?? largest[0] ?? null;
}

const MONEY = "currency"; // the unit of definitions whose values bear their currency among the details

interface WithUnit {
  unit: string;
  unitKo: string;
  details: unknown;
}

/** The unit of a value in the reader's language; of money its currency. */
export function valueUnit({ unit, unitKo, details }: WithUnit): string {
  if (unit === MONEY) {
    const currency = (details as Record<string, unknown> | null)?.currency;
    if (typeof currency === "string") return currency;
  }
  return language.value === "ko" ? unitKo : unit;
}
