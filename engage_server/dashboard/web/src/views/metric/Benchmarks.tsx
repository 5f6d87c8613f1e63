import type { MetricQuery } from "../../api/documents";
import { langOf, words } from "../../words/words";

type Benchmark = NonNullable<MetricQuery["metric"]["at"]>["benchmarks"][number];

const t = words({
  BELOW: ["you are below", "기준 미만"],
  WITHIN: ["you are within", "기준 범위 안"],
  ABOVE: ["you are above", "기준 초과"],
  elsewhere: ["not said of you", "귀사에 해당하지 않음"],
  unverified: ["nobody checked it", "검증되지 않음"],
});

/** Published figures: what applies to the company first, and where it stands. */
export function Benchmarks({ of }: { of: readonly Benchmark[] }) {
  const sorted = [...of].sort((one, other) => Number(other.applies) - Number(one.applies));
  return (
    <ul class="benchmarks">
      {sorted.map((one) => (
        <li key={one.statement}>
          <p lang={langOf(one.statement)}>{one.statement}</p>
          <p class="faint">
            {one.standing ? <b>{t(one.standing)}</b> : !one.applies && t("elsewhere")}
            {[!one.verified && t("unverified"), one.published, one.source].filter(Boolean).map((text) => <span key={String(text)}> · {text}</span>)}
          </p>
        </li>
      ))}
    </ul>
  );
}
