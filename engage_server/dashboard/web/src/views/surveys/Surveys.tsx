import { useMemo } from "preact/hooks";
import { SurveyDocument, type SurveyQuery, SurveyWordsDocument } from "../../api/documents";
import { type Definition, titleOf, useSession, valueUnit } from "../../api/session";
import { useTile } from "../../api/tile";
import { DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { NeedsPlugin } from "../../components/NeedsPlugin";
import { Tile } from "../../components/Tile";
import { TimeChart } from "../../components/TimeChart";
import { link, place, setQuery } from "../../shell/router";
import { ago, day, measured, money, number, share, shiftDay, today } from "../../words/format";
import { langOf, language, words } from "../../words/words";
import { Shares, sharesOf } from "./Shares";

const t = words({
  title: ["NPS and effort", "NPS와 노력도"],
  metric: ["Survey", "설문"],
  empty: ["Nobody has answered in this window. Send answers as survey events, and the score appears.", "이 기간에 응답이 없습니다. 설문 이벤트로 응답을 보내면 점수가 나타납니다."],
  range: ["Interval", "구간"],
  interval: ["{low} to {high} ({level})", "{low}~{high} ({level})"],
  answers: ["{n} answer{n|s}", "응답 {n}건"],
  rate: ["{share} of those asked answered", "응답률 {share}"],
  before: ["than {day}", "{day} 대비"],
  split: ["How they answered", "응답 분포"],
  worst: ["Lowest customers", "낮은 고객"],
  noAccounts: ["No customer has a value of its own yet.", "고객별 값이 아직 없습니다."],
  account: ["Account", "고객"],
  value: ["Score", "점수"],
  worth: ["Monthly revenue", "월 매출"],
  coverage: ["Who has a voice", "응답 범위"],
  noCoverage: ["Coverage is not measured. Set `measure_coverage` in the plugin's settings, and it tells which share of accounts and money answered.", "응답 범위가 측정되지 않습니다. 플러그인 설정에서 measure_coverage를 켜면 응답한 고객과 매출의 비율이 표시됩니다."],
  settings: ["Settings", "설정"],
  accounts: ["Accounts that answered", "응답한 고객"],
  ofMoney: ["Their share of {currency}", "{currency} 매출 비중"],
  words: ["In words", "의견"],
  silent: ["Nobody has written anything yet. Feedback with text appears here.", "작성된 의견이 없습니다. 글로 남긴 의견이 여기에 표시됩니다."],
});
const DAYS = 180;
const SURVEYS = ["nps.score", "ces.effort_score", "csat.score"]; // whose details tell shares of answers, in this order
const COVERAGE = "nps.coverage";

/** What customers answer: score with interval and n, shares beneath, who answered at all, and their words. */
export function Surveys() {
  const session = useSession();
  const choices = SURVEYS.map((id) => session.data?.metrics.find((one) => one.id === id)).filter((one) => one !== undefined);
  const metric = choices.find((one) => one.id === place.value.query.get("metric")) ?? choices[0];
  const to = today();
  const survey = useTile(SurveyDocument, metric ? { metric: metric.id, from: shiftDay(to, -DAYS), to, language: language.value } : null);
  const hasCoverage = metric?.plugin === "nps" && (session.data?.metrics.some((one) => one.id === COVERAGE) ?? false);
  const beside = useTile(SurveyWordsDocument, metric ? { coverage: COVERAGE, hasCoverage, accounts: metric.id } : null);
  if (session.data && !metric) return <><h1>{t("title")}</h1><NeedsPlugin plugin="nps" /></>;
  return (
    <>
      <div class="page-head">
        <h1>{t("title")}</h1>
        <label class="pick">
          <span class="sr">{t("metric")}</span>
          <select value={metric?.id} onChange={(event) => setQuery({ metric: event.currentTarget.value })}>
            {choices.map((one) => <option key={one.id} value={one.id}>{titleOf(one)}</option>)}
          </select>
        </label>
      </div>
      <div class="grid metric">
        <div class="stack">
          <Tile title={metric ? titleOf(metric) : ""} state={survey} empty={t("empty")} isEmpty={(data) => !data.metric.at}>
            {(data) => <Score data={data} definition={metric!} />}
          </Tile>
          <Tile title={t("worst")} state={beside} empty={t("noAccounts")} isEmpty={(data) => !data.accounts.edges.some(({ node }) => node.metric)}>
            {(data) => (
              <DataTable
                name="lowest"
                caption={t("worst")}
                rows={data.accounts.edges.map(({ node }) => node).filter((one) => one.metric)}
                rowKey={(one) => one.externalId}
                columns={[
                  { key: "account", title: t("account"), cell: (one) => <a href={link(["accounts", one.externalId])}>{one.name || one.externalId}</a>, value: (one) => one.name },
                  { key: "value", title: t("value"), cell: (one) => <b>{number(one.metric?.value, 1)}</b>, value: (one) => one.metric?.value, numeric: true },
                  { key: "range", title: t("range"), cell: ({ metric: of }) => <span class="faint">{of?.interval ? `${number(of.interval.low)} – ${number(of.interval.high)}` : ""}</span>, numeric: true },
                  { key: "n", title: "n", cell: (one) => number(one.metric?.n), value: (one) => one.metric?.n, numeric: true },
                  { key: "worth", title: t("worth"), cell: (one) => one.recurring.map((part) => money(Number(part.amount), part.currency)).join(" + "), value: (one) => Number(one.recurring[0]?.amount ?? 0), numeric: true, first: "desc" },
                ]}
              />
            )}
          </Tile>
        </div>
        <div class="stack">
          {metric?.plugin === "nps" && (
            <Tile title={t("coverage")} state={beside} isEmpty={(data) => !data.metric?.at} empty={<>{t("noCoverage")} <a href={link(["setup", "plugins", "nps"])}>{t("settings")}</a></>}>
              {(data) => <Coverage details={data.metric!.at!.details as CoverageDetails} value={data.metric!.at!.value} />}
            </Tile>
          )}
          <Tile title={t("words")} state={beside} empty={t("silent")} isEmpty={(data) => !data.feedbackEntries.edges.length}>
            {(data) => (
              <ul class="timeline">
                {data.feedbackEntries.edges.map(({ node }) => (
                  <li key={node.id}>
                    <time dateTime={node.occurredAt}>{ago(node.occurredAt)}</time>
                    <div>{node.text && <q>{node.text}</q>} {node.account && <a href={link(["accounts", node.account.externalId])}>{node.account.name}</a>} {node.tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}</div>
                  </li>
                ))}
              </ul>
            )}
          </Tile>
        </div>
      </div>
    </>
  );
}

interface CoverageDetails {
  accounts?: number;
  answered_accounts?: number;
  money?: { currency: string; share: number | null }[];
}

function Coverage({ details, value }: { details: CoverageDetails; value: number | null }) {
  return (
    <dl class="facts">
      <dt>{t("accounts")}</dt><dd>{number(details.answered_accounts)} / {number(details.accounts)} ({share(value && value / 100)})</dd>
      {(details.money ?? []).map((one) => <><dt>{t("ofMoney", { currency: one.currency })}</dt><dd>{share(one.share)}</dd></>)}
    </dl>
  );
}

function Score({ data, definition }: { data: SurveyQuery; definition: Definition }) {
  const at = data.metric.at!;
  const { days, values, ns, lows, highs, restated, annotations } = data.metric.series;
  const points = useMemo(() => {
    const again = new Set(restated);
    return days.map((one, index) => ({ day: one, value: values[index] ?? null, n: ns[index] ?? 0, low: lows[index] ?? null, high: highs[index] ?? null, isRestated: again.has(one) }));
  }, [data]);
  const unit = valueUnit(at);
  const details = at.details as { response_rate?: number | null };
  const applied = at.benchmarks.find((one) => one.applies && one.standing);
  return (
    <>
      <div class="figures">
        <span class="figure-big">{measured(at.value, unit)}</span>
        {at.interval && <span class="faint">{t("interval", { low: number(at.interval.low), high: number(at.interval.high), level: share(at.interval.level) })}</span>}
        <span class="faint">{t("answers", { n: number(at.n) })}</span>
        {details.response_rate != null && <span class="faint">{t("rate", { share: share(details.response_rate) })}</span>}
        {at.compareTo?.isComparable && <span><Delta value={at.compareTo.difference} direction={at.direction} /> <span class="faint">{t("before", { day: day(days[0]) })}</span></span>}
      </div>
      {applied && <p class="faint" lang={langOf(applied.statement)}>{applied.statement}</p>}
      <TimeChart name={titleOf(definition)} unit={unit} points={points} marks={annotations} />
      <h3 class="part">{t("split")}</h3>
      <Shares name={t("split")} shares={sharesOf(at.details)} />
    </>
  );
}
