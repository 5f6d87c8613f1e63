import { breaksOf } from "../../components/breaks";
import type { Mark } from "../../components/TimeChart";
import { number } from "../../words/format";
import { words } from "../../words/words";
import type { AccountFactsQuery } from "../../api/documents";
import type { AccountNode } from "./Facts";

export type Overrides = AccountFactsQuery["overrides"];

const t = words({
  began: ["subscription began", "구독 시작"],
  terms: ["terms of the subscription changed", "구독 조건 변경"],
  ended: ["subscription ended", "구독 종료"],
  set: ["set by hand to {value}: {reason}", "수동 지정 {value}: {reason}"],
  over: ["set by hand until here", "수동 지정 종료"],
});

/** What happened while the score is drawn: annotations and releases, what was set by hand, and what became of the subscriptions. */
export function marksOf({ externalId, score, subscriptions }: AccountNode, overrides: Overrides): Mark[] {
  const { days, annotations } = score!.series;
  const [first = "", last = ""] = [days[0], days[days.length - 1]];
  const billed = subscriptions.edges.flatMap(({ node }) => [
    { day: node.startsOn, text: t("began"), kind: "SUBSCRIPTION" },
    ...(node.validFrom && node.validFrom !== node.startsOn ? [{ day: node.validFrom, text: t("terms"), kind: "SUBSCRIPTION" }] : []),
    ...(node.endsOn && node.state === "ENDED" ? [{ day: node.endsOn, text: t("ended"), kind: "SUBSCRIPTION" }] : []),
  ]);
  const own = overrides.edges.map(({ node }) => node).filter((one) => one.account?.externalId === externalId);
  const byHand = own.flatMap(({ startsOn, endsOn, value, reason }) => [
    { day: startsOn, text: t("set", { value: number(value), reason }), kind: "OVERRIDE" },
    { day: endsOn, text: t("over"), kind: "OVERRIDE" },
  ]);
  return [...annotations, ...breaksOf(score!.series), ...[...byHand, ...billed].filter((mark) => first <= mark.day && mark.day <= last)].sort((one, other) => one.day.localeCompare(other.day));
}
