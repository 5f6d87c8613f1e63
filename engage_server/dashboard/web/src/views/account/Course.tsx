import { useMemo } from "preact/hooks";
import { type Definition, local, titleOf, valueUnit } from "../../api/session";
import { Band, bandOf } from "../../components/Band";
import { Parts } from "../../components/Parts";
import { pointsOf } from "../../components/points";
import { TimeChart } from "../../components/TimeChart";
import { link } from "../../shell/router";
import { measured, number } from "../../words/format";
import { words } from "../../words/words";
import type { AccountNode } from "./Facts";
import { marksOf, type Overrides } from "./marks";

const t = words({
  why: ["Why it changed", "변화 이유 보기"],
  interval: ["{low} to {high}", "{low}~{high}"],
  parts: ["What it is made of", "구성 요소"],
  restated: ["Restated: {reason}", "정정: {reason}"],
});

/** The score of an account over time, with what happened drawn on it, and what it is made of today. */
export function Course({ account, overrides, metric }: { account: AccountNode; overrides: Overrides; metric: Definition }) {
  const value = account.score!;
  const points = useMemo(() => pointsOf(value.series), [value]);
  const marks = useMemo(() => marksOf(account, overrides), [account, overrides]);
  const unit = valueUnit(value);
  return (
    <>
      <div class="figures">
        <span class="figure-big">{measured(value.value, unit)}</span>
        <Band band={bandOf(value.details)} />
        {value.interval && <span class="faint">{t("interval", { low: number(value.interval.low), high: number(value.interval.high) })}</span>}
        <a href={link(["accounts", account.externalId, "why"], { metric: metric.id })}>{t("why")} →</a>
      </div>
      <TimeChart name={`${account.name} ${titleOf(metric)}`} unit={unit} points={points} marks={marks} />
      {value.restatements.map((one) => <p key={one.at} class="faint">{t("restated", { reason: local(one.reason) })}</p>)}
      {value.contributions.length > 0 && (
        <>
          <h3 class="part">{t("parts")}</h3>
          <Parts name={t("parts")} parts={value.contributions} />
        </>
      )}
    </>
  );
}
