import type { Mark } from "../../components/TimeChart";
import { words } from "../../words/words";
import type { AccountNode } from "./Facts";

const t = words({
  began: ["subscription began", "구독 시작"],
  terms: ["terms of the subscription changed", "구독 조건 변경"],
  ended: ["subscription ended", "구독 종료"],
});

/** What happened while the score is drawn: annotations and releases, and what became of the subscriptions. */
export function marksOf({ score, subscriptions }: AccountNode): Mark[] {
  const { days, annotations } = score!.series;
  const [first = "", last = ""] = [days[0], days[days.length - 1]];
  const billed = subscriptions.edges.flatMap(({ node }) => [
    { day: node.startsOn, text: t("began"), kind: "SUBSCRIPTION" },
    ...(node.validFrom && node.validFrom !== node.startsOn ? [{ day: node.validFrom, text: t("terms"), kind: "SUBSCRIPTION" }] : []),
    ...(node.endsOn && node.state === "ENDED" ? [{ day: node.endsOn, text: t("ended"), kind: "SUBSCRIPTION" }] : []),
  ]);
  return [...annotations, ...billed.filter((mark) => first <= mark.day && mark.day <= last)].sort((one, other) => one.day.localeCompare(other.day));
}
