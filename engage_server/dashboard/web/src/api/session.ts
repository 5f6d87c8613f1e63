/** Who asks, in which tenant, and which metrics there are: asked once for all views. */
import { type SessionQuery, SessionDocument } from "./documents";
import { useTile, type TileState } from "./tile";
import { language } from "../words/words";

export type Definition = SessionQuery["metrics"][number];

export const useSession = (): TileState<SessionQuery> => useTile(SessionDocument, {});

export const titleOf = (definition: Definition): string =>
  language.value === "ko" ? definition.titleKo : definition.title;

export const unitOf = (definition: Definition): string => (language.value === "ko" ? definition.unitKo : definition.unit);

export const may = (session: SessionQuery, permission: string): boolean =>
  session.viewer.permissions.includes(permission);

const ofAccounts = (definition: Definition): boolean => definition.subjects.includes("account");

/** Metrics that an account may have, in the order of the plugins. */
export const accountMetrics = (session: SessionQuery): Definition[] => session.metrics.filter(ofAccounts);

/**
 * The metric by which accounts are looked at: the one that is asked for, else the tenant's own choice, else the first
 * whose category is health, else any.
 */
export function scoreMetric(session: SessionQuery, wanted: string | null): Definition | null {
  const all = accountMetrics(session);
  const named = (id: string | null | undefined) => all.find((one) => one.id === id);
  return named(wanted) ?? named(session.tenant.primaryMetric) ?? all.find((one) => one.category === "health") ?? all[0] ?? null;
}
