import { useMemo } from "preact/hooks";
import { MetricDocument, type MetricQuery } from "../../api/documents";
import { type Definition, titleOf, useSession, valueUnit } from "../../api/session";
import { useTile } from "../../api/tile";
import { breaksOf } from "../../components/breaks";
import { Card } from "../../components/Card";
import { Delta } from "../../components/Delta";
import { Parts } from "../../components/Parts";
import { pointsOf } from "../../components/points";
import { Tile } from "../../components/Tile";
import { TimeChart } from "../../components/TimeChart";
import { Told } from "../../components/Told";
import { link, place, setQuery } from "../../shell/router";
import { day, measured, number, share, shiftDay, signed, today } from "../../words/format";
import { said } from "../../words/enums";
import { language, words } from "../../words/words";
import { Accounts } from "./Accounts";
import { Benchmarks } from "./Benchmarks";
import { Groups } from "./Groups";

const t = words({
  metrics: ["Metrics", "지표"],
  unknown: ["There is no metric of this id, or its plugin is switched off.", "이 ID의 지표가 없거나 플러그인이 꺼져 있습니다."],
  course: ["Over time", "추이"],
  noCourse: [
    "The company as a whole has no value of this metric: it is measured for {subjects}.",
    "회사 전체 값은 없습니다. 이 지표는 다음을 대상으로 측정됩니다: {subjects}.",
  ],
  interval: ["{low} to {high}, {level} interval ({method})", "{low}~{high}, {level} 구간 ({method})"],
  n: ["n {n}", "n {n}"],
  RISING: ["rising {perWeek} a week", "주당 {perWeek} 상승"],
  FALLING: ["falling {perWeek} a week", "주당 {perWeek} 하락"],
  unusual: ["unusual since {since}: {expected} were expected", "{since}부터 이례적: 예상 값 {expected}"],
  range: ["Range", "기간"],
  change: ["in {days} days", "{days}일간"],
  days: ["{count} days", "{count}일"],
  parts: ["What it is made of", "구성 요소"],
  restated: ["Restated days: {count}, drawn as diamonds.", "{count}일의 값이 정정되었습니다. 마름모로 표시됩니다."],
  card: ["How it is calculated", "계산 방식"],
  benchmarks: ["Benchmarks", "벤치마크"],
  noBenchmarks: ["Nobody has published a figure for this that we could check.", "확인된 공개 벤치마크가 없습니다."],
});
const RANGES = [30, 90, 180, 365];
const PERIOD = 30; // days of the period that the value is held against

/** One metric: its value, how sure it is, how it went, by group, and how it is calculated. */
export function Metric({ id }: { id: string }) {
  const session = useSession();
  const definition = session.data?.metrics.find((one) => one.id === id);
  const days = Number(place.value.query.get("days")) || 180;
  const to = today();
  const from = shiftDay(to, -days);
  const metric = useTile(MetricDocument, definition ? { id, from, to, language: language.value } : null);
  if (session.data && !definition) return <p class="empty">{t("unknown")}</p>;
  const isOfTenant = definition?.subjects.includes("TENANT") ?? false;
  return (
    <>
      <p class="crumbs"><a href={link(["metrics"])}>{t("metrics")}</a></p>
      <div class="page-head">
        <h1>{definition ? titleOf(definition) : id}</h1>
        <span class="faint">{id}</span>
      </div>
      <div class="grid metric">
        <div class="stack">
          <Tile
            title={t("course")}
            state={metric}
            isEmpty={(data) => !data.metric.at}
            empty={t("noCourse", { subjects: definition?.subjects.map(said).join(", ") ?? "" })}
            actions={<Range days={days} />}
          >
            {(data) => <Course data={data} definition={definition!} />}
          </Tile>
          {isOfTenant && <Groups id={id} />}
          {!isOfTenant && definition?.subjects.includes("ACCOUNT") && <Accounts id={id} />}
        </div>
        <div class="stack">
          <Tile title={t("benchmarks")} state={metric} isEmpty={(data) => !data.metric.at?.benchmarks.length} empty={t("noBenchmarks")}>
            {(data) => <Benchmarks of={data.metric.at!.benchmarks} />}
          </Tile>
          <Tile title={t("card")} state={metric}>{(data) => <Card card={data.metric.definition.card} />}</Tile>
        </div>
      </div>
    </>
  );
}

function Range({ days }: { days: number }) {
  return (
    <label class="pick">
      <span class="sr">{t("range")}</span>
      <select value={days} onChange={(event) => setQuery({ days: event.currentTarget.value })}>
        {RANGES.map((one) => <option key={one} value={one}>{t("days", { count: one })}</option>)}
      </select>
    </label>
  );
}

function Course({ data, definition }: { data: MetricQuery; definition: Definition }) {
  const value = data.metric.at!;
  const unit = valueUnit(value);
  const restated = data.metric.series.restated.length;
  const points = useMemo(() => pointsOf(data.metric.series), [data]);
  const marks = useMemo(() => [...data.metric.series.annotations, ...breaksOf(data.metric.series)], [data, language.value]);
  const { trend, anomaly, interval } = value;
  const change = changeIn(PERIOD, value, data.metric.series);
  return (
    <>
      <div class="figures">
        <span class="figure-big">{measured(value.value, unit)}</span>
        <span class="faint">{day(value.day)} · {t("n", { n: number(value.n) })}</span>
        {interval ? (
          <span class="faint">
            {t("interval", { low: number(interval.low), high: number(interval.high), level: share(interval.level), method: interval.method })}
          </span>
        ) : (
          value.noInterval && <Told class="faint" text={value.noInterval} />
        )}
        {change !== null && <span>{t("change", { days: PERIOD })} <Delta value={change} direction={value.direction} /></span>}
        {(trend?.state === "RISING" || trend?.state === "FALLING") && <span>{t(trend.state, { perWeek: signed(trend.perWeek) })}</span>}
        {anomaly?.since && <span class="warn">{t("unusual", { since: day(anomaly.since), expected: number(anomaly.expected) })}</span>}
      </div>
      <TimeChart name={titleOf(definition)} unit={unit} points={points} marks={marks} height={260} />
      {restated > 0 && <p class="faint">{t("restated", { count: restated })}</p>}
      {value.contributions.length > 0 && <><h3 class="part">{t("parts")}</h3><Parts name={t("parts")} parts={value.contributions} /></>}
    </>
  );
}

/** The value less the last one that is so many days older; null where there is none. */
function changeIn(days: number, { day: on, value }: { day: string; value: number | null }, series: { days: readonly string[]; values: readonly (number | null)[] }): number | null {
  const at = series.days.findLastIndex((one, index) => one <= shiftDay(on, -days) && series.values[index] != null);
  return value === null || at < 0 ? null : value - series.values[at]!;
}
