import { LossesDocument, type LossesQuery, MovedDocument, type MovedQuery } from "../../api/documents";
import { type Definition, scoreMetric, titleOf, unitOf, useSession, worthMetric } from "../../api/session";
import { useTile } from "../../api/tile";
import { Band, bandOf } from "../../components/Band";
import { DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { day, measured, money, number, shiftDay, today } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  title: ["What moved", "변화"],
  range: ["Range", "기간"],
  days: ["{count} days", "{count}일"],
  losses: ["Losses: what fell, times money", "손실: 하락 × 매출"],
  noLosses: ["No account fell in this time, or none has both a score and money.", "이 기간에 하락한 고객이 없거나, 점수와 매출이 모두 있는 고객이 없습니다."],
  account: ["Account", "고객"],
  band: ["Band", "상태"],
  worth: ["Monthly revenue", "월 매출"],
  owner: ["Owner", "담당자"],
  metrics: ["Metrics outside what was to be expected", "예상 범위를 벗어난 지표"],
  none: ["Nothing lies outside what was to be expected. A metric needs four weeks of days before this is told.", "예상 범위를 벗어난 지표가 없습니다. 판단에는 4주간의 값이 필요합니다."],
  worse: ["worse", "악화"],
  better: ["better", "개선"],
  changed: ["changed", "변화"],
  expected: ["expected {low} to {high}", "예상 {low}~{high}"],
  since: ["since {day}, {count} day{count|s}", "{day}부터 {count}일"],
  over: ["over by now", "지금은 끝남"],
  movers: ["Who moved most", "변화가 큰 고객"],
  before: ["Before", "이전"],
  after: ["After", "이후"],
  change: ["Change", "변화"],
  segments: ["Segments that moved as well", "함께 변한 세그먼트"],
});
const RANGES = [7, 14, 28];
type Movement = MovedQuery["whatMoved"]["edges"][number]["node"];

/** For the company: what left its usual range, since when, by whom; what was lost comes first, with money. */
export function Moved() {
  const session = useSession();
  const days = Number(place.value.query.get("days")) || 28;
  const risk = session.data && scoreMetric(session.data, null);
  const worth = session.data && worthMetric(session.data, null);
  const moved = useTile(MovedDocument, { days });
  const losses = useTile(LossesDocument, risk && worth ? { risk: risk.id, worth: worth.id, from: shiftDay(today(), -days - 14), to: today() } : null);
  const definition = (id: string) => session.data?.metrics.find((one) => one.id === id);
  return (
    <>
      <div class="page-head">
        <h1>{t("title")}</h1>
        <label class="pick">
          <span class="sr">{t("range")}</span>
          <select value={days} onChange={(event) => setQuery({ days: event.currentTarget.value })}>
            {RANGES.map((one) => <option key={one} value={one}>{t("days", { count: one })}</option>)}
          </select>
        </label>
      </div>
      <div class="stack">
        {(!session.data || (risk && worth)) && (
          <Tile title={t("losses")} state={losses} empty={t("noLosses")} isEmpty={(data) => !lossesOf(data, days).length}>
            {(data) => (
              <DataTable
                name="losses"
                caption={t("losses")}
                rows={lossesOf(data, days)}
                rowKey={(one) => one.externalId}
                columns={[
                  { key: "account", title: t("account"), cell: (one) => <a href={link(["accounts", one.externalId, "why"], { metric: risk?.id, days: String(days) })}>{one.name || one.externalId}</a>, value: (one) => one.name },
                  { key: "value", title: risk ? titleOf(risk) : "", cell: (one) => <b>{number(one.metric?.value, 1)}</b>, value: (one) => one.metric?.value, numeric: true },
                  { key: "change", title: t("change"), cell: (one) => <Delta value={one.change} direction={one.metric?.direction} />, value: (one) => one.change, numeric: true },
                  { key: "band", title: t("band"), cell: (one) => <Band band={bandOf(one.metric?.details)} />, value: (one) => bandOf(one.metric?.details) },
                  { key: "worth", title: t("worth"), cell: (one) => one.recurring.map((part) => money(Number(part.amount), part.currency)).join(" + "), value: (one) => Number(one.recurring[0]?.amount ?? 0), numeric: true, first: "desc" },
                  { key: "owner", title: t("owner"), cell: (one) => one.owner, value: (one) => one.owner },
                ]}
              />
            )}
          </Tile>
        )}
        <Tile title={t("metrics")} state={moved} empty={t("none")} isEmpty={(data) => !data.whatMoved.edges.length}>
          {(data) => (
            <ul class="movements">
              {data.whatMoved.edges.map(({ node }) => node).sort(lossesFirst(definition)).map((one) => <Moving key={one.metric} movement={one} definition={definition(one.metric)} />)}
            </ul>
          )}
        </Tile>
      </div>
    </>
  );
}

type Loser = LossesQuery["accounts"]["edges"][number]["node"] & { change: number };

/** Accounts whose value became worse since so many days, by how much times what they pay; the ten largest. */
function lossesOf(data: LossesQuery, days: number): Loser[] {
  const worth = (one: Loser) => Math.abs(one.change) * Number(one.recurring[0]?.amount ?? 0);
  return data.accounts.edges
    .flatMap(({ node }) => {
      const change = changeOf(node.metric, days);
      return change === null ? [] : [{ ...node, change }];
    })
    .filter((one) => (one.metric!.direction === "DOWN" ? one.change > 0 : one.change < 0))
    .sort((one, other) => worth(other) - worth(one))
    .slice(0, 10);
}

/** The value less the last one that lies at least so many days back. */
function changeOf(metric: LossesQuery["accounts"]["edges"][number]["node"]["metric"], days: number): number | null {
  if (!metric || metric.value === null) return null;
  const wanted = shiftDay(metric.day, -days);
  const at = metric.series.days.findLastIndex((one, index) => one <= wanted && metric.series.values[index] != null);
  return at < 0 ? null : metric.value - metric.series.values[at]!;
}

/** −1 for the worse, 1 for the better, 0 where neither way is. */
function sense({ anomaly, value }: Movement, definition: Definition | undefined): -1 | 0 | 1 {
  if (definition?.direction !== "UP" && definition?.direction !== "DOWN") return 0;
  const isUp = value > (anomaly.expected ?? value);
  return isUp === (definition.direction === "UP") ? 1 : -1;
}

const lossesFirst = (definition: (id: string) => Definition | undefined) => (one: Movement, other: Movement): number =>
  sense(one, definition(one.metric)) - sense(other, definition(other.metric));

const TONES = { "-1": ["bad", "worse"], "0": ["faint", "changed"], "1": ["good", "better"] } as const;

function Moving({ movement, definition }: { movement: Movement; definition: Definition | undefined }) {
  const { anomaly, value, since, days, isOngoing } = movement;
  const [tone, word] = TONES[String(sense(movement, definition)) as "0"];
  const unit = definition ? unitOf(definition) : "";
  const movers = movement.movers.edges.map(({ node }) => node);
  const segments = movement.segments.edges.map(({ node }) => node);
  return (
    <li>
      <details>
        <summary>
          <span class={`tag ${tone}`}>{t(word)}</span>
          <a href={link(["metrics", movement.metric])}><b>{definition ? titleOf(definition) : movement.metric}</b></a>
          <span>{measured(value, unit)} <Delta value={anomaly.expected === null ? null : value - anomaly.expected} direction={definition?.direction} /></span>
          <span class="faint">{t("expected", { low: number(anomaly.low), high: number(anomaly.high) })}</span>
          <span class="faint">{t("since", { day: day(since, { year: false }), count: days })}{!isOngoing && ` · ${t("over")}`}</span>
        </summary>
        {segments.length > 0 && <p>{t("segments")}: {segments.map((one) => <span key={one.segment?.name} class="chip">{one.segment?.name} {number(one.value)}</span>)}</p>}
        {movers.length > 0 && (
          <DataTable
            name={`movers-${movement.metric}`}
            caption={`${t("movers")}: ${definition ? titleOf(definition) : movement.metric}`}
            rows={movers}
            rowKey={(one) => one.account?.externalId ?? one.label}
            columns={[
              { key: "account", title: t("account"), cell: (one) => (one.account ? <a href={link(["accounts", one.account.externalId])}>{one.account.name}</a> : one.label), value: (one) => one.label },
              { key: "before", title: t("before"), cell: (one) => number(one.before), value: (one) => one.before, numeric: true },
              { key: "after", title: t("after"), cell: (one) => number(one.after), value: (one) => one.after, numeric: true },
              { key: "change", title: t("change"), cell: (one) => <Delta value={one.change} direction={definition?.direction} />, value: (one) => one.change, numeric: true },
              { key: "worth", title: t("worth"), cell: (one) => one.account?.recurring.map((part) => money(Number(part.amount), part.currency)).join(" + "), value: (one) => Number(one.account?.recurring[0]?.amount ?? 0), numeric: true },
            ]}
          />
        )}
      </details>
    </li>
  );
}
