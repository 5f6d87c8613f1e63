import { WhyDaysDocument, WhyDocument, type WhyQuery } from "../../api/documents";
import { type Definition, local, scoreMetric, titleOf, unitOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { Card } from "../../components/Card";
import { Parts } from "../../components/Parts";
import { Tile } from "../../components/Tile";
import { type Cause, Waterfall } from "../../components/Waterfall";
import { page } from "../../shell/page";
import { link, place, setQuery } from "../../shell/router";
import { day, measured, moment, number, shiftDay, signed, today } from "../../words/format";
import { language, words } from "../../words/words";
import { sourceOf } from "./component";

const t = words({
  book: ["My book", "내 고객"],
  title: ["Why {metric} changed", "{metric} 변화 이유"],
  since: ["since", "기준일"],
  none: [
    "There is no earlier day with a value to compare with. Once a second day is computed, the change is told here.",
    "비교할 이전 값이 없습니다. 하루가 더 계산되면 변화 이유가 표시됩니다.",
  ],
  untold: ["The change cannot be told.", "변화를 설명할 수 없습니다."],
  same: ["The value is what it was.", "값에 변화가 없습니다."],
  now: ["The part today", "현재 요소"],
  source: ["{metric}: {raw}, counts as {score} of 100", "{metric}: {raw}, 100점 중 {score}점"],
  further: ["Why it changed", "변화 이유"],
  card: ["How it is calculated", "계산 방식"],
  setting: ["Change how it is calculated", "계산 설정 변경"],
  parts: ["All parts today", "현재 전체 요소"],
  proof: ["Where the number comes from", "숫자의 근거"],
  computed: ["computed", "계산 시각"],
  data: ["data as of", "데이터 기준"],
  definition: ["definition", "정의"],
  configuration: ["configuration", "설정"],
  revision: ["revision", "개정"],
  restated: ["restated", "정정"],
  check: ["compute it again", "다시 계산"],
  version: ["version {number}", "버전 {number}"],
  from: ["{before} to {after}: {reason}", "{before} → {after}: {reason}"],
});
const DAYS = 180;
const MOST_NAMED = 3;
type WhyParts = NonNullable<NonNullable<WhyQuery["account"]>["metric"]>["explainChange"];

/** From an account's earlier value to the present one: a sentence, and the waterfall that adds up. */
export function Why({ id }: { id: string }) {
  const session = useSession();
  const query = place.value.query;
  const metric = session.data && scoreMetric(session.data, query.get("metric"));
  const to = today();
  const days = useTile(WhyDaysDocument, metric && { account: id, metric: metric.id, from: shiftDay(to, -DAYS), to });
  const value = days.data?.account?.metric;
  const choices = value ? value.series.days.filter((one, index) => one < value.day && value.series.values[index] !== null) : [];
  const since = chosen(choices, value?.day, query.get("since"), Number(query.get("days") ?? 30));
  const why = useTile(WhyDocument, metric && since ? { account: id, metric: metric.id, since } : null);
  const name = days.data?.account?.name || id;
  const title = metric ? t("title", { metric: titleOf(metric) }) : "";
  return (
    <>
      <p class="crumbs">
        <a href={link([])}>{t("book")}</a> › <a href={link(["accounts", id], { metric: metric?.id })}>{name}</a>
      </p>
      <div class="page-head"><h1>{title}</h1><span class="faint">{name}</span></div>
      <Tile
        title={name}
        state={days.data && !since ? { ...why, data: {} as WhyQuery, loading: false } : why}
        isEmpty={(data) => !data.account?.metric}
        empty={t("none")}
        actions={
          <label class="pick">
            {t("since")}{" "}
            <select value={since ?? ""} onChange={(event) => setQuery({ since: event.currentTarget.value })}>
              {[...choices].reverse().map((one) => <option key={one} value={one}>{day(one)}</option>)}
            </select>
          </label>
        }
      >
        {(data) => <Explained data={data} name={title} account={id} plugin={metric!.plugin} metrics={session.data!.metrics} />}
      </Tile>
    </>
  );
}

/** The change and its largest causes, as the API says them in English. */
function inKorean({ before, after, change, causes }: WhyParts): string {
  const named = causes.filter((one) => one.change).slice(0, MOST_NAMED).map((one) => `${local(one.label)} ${signed(one.change)}`);
  return `${number(before)} → ${number(after)} (${signed(change)}): ${named.join(", ")}.`;
}

/** The asked day, else the last one that lies so many days back, else the first that there is. */
function chosen(choices: readonly string[], newest: string | undefined, asked: string | null, days: number): string | null {
  if (asked && choices.includes(asked)) return asked;
  const wanted = newest && shiftDay(newest, -days);
  return choices.findLast((one) => wanted && one <= wanted) ?? choices[0] ?? null;
}

interface ExplainedProps {
  data: WhyQuery;
  name: string;
  account: string;
  plugin: string;
  metrics: readonly Definition[];
}

function Explained({ data, name, account, plugin, metrics }: ExplainedProps) {
  const value = data.account!.metric!;
  const { explainChange: why, direction } = value;
  const part = (cause: Cause) => value.contributions.filter((one) => one.key === cause.key);
  const settings = data.plugins.find((one) => one.id === plugin)?.config;
  const source = (cause: Cause) => {
    const found = sourceOf(cause.key, value.details, settings);
    const metric = metrics.find((one) => one.id === found?.metric);
    if (!found || !metric) return null;
    const score = number(part(cause)[0]?.value, 1);
    return (
      <>
        {t("source", { metric: titleOf(metric), raw: measured(found.raw, unitOf(metric)), score })}{" · "}
        <a href={link(["accounts", account, "why"], { metric: metric.id, since: why.since })}>{t("further")} →</a>
      </>
    );
  };
  return (
    <>
      <p class="sentence">{why.change === 0 ? t("same") : language.value === "ko" && why.before !== null && why.after !== null ? inKorean(why) : why.sentence}</p>
      {why.before !== null && why.after !== null && (
        <Waterfall
          name={name}
          since={why.since}
          on={value.day}
          before={why.before}
          after={why.after}
          causes={why.causes}
          direction={direction}
          open={(cause) => part(cause).length > 0 && (
            <div>
              <h3>{t("now")}</h3>
              <p>{source(cause)}</p>
              <Parts name={`${t("now")}: ${cause.label}`} parts={part(cause)} />
            </div>
          )}
        />
      )}
      <div class="grid halves">
        <section>
          <h2>{t("parts")}</h2>
          <Parts name={t("parts")} parts={value.contributions} />
          <h2 class="part">{t("proof")}</h2>
          <dl class="facts">
            <dt>{t("computed")}</dt><dd>{moment(value.computedAt)}</dd>
            <dt>{t("data")}</dt><dd>{moment(value.dataAsOf)}</dd>
            <dt>{t("definition")}</dt><dd>{t("version", { number: value.definitionVersion })}</dd>
            <dt>{t("configuration")}</dt><dd>{t("version", { number: value.configurationVersion })}</dd>
            <dt>{t("revision")}</dt><dd>{number(value.revision)}</dd>
            <dt>{t("check")}</dt><dd><code>manage.py verify --tenant {page.tenant} --plugin {plugin} --from {value.day} --to {value.day}</code></dd>
            {value.restatements.map((one) => (
              <>
                <dt>{t("restated")}</dt>
                <dd>{moment(one.at)}, {t("from", { before: number(one.before), after: number(one.after), reason: local(one.reason) })}</dd>
              </>
            ))}
          </dl>
        </section>
        <section>
          <h2>{t("card")}</h2>
          <p><a href={link(["setup", "plugins", plugin])}>{t("setting")} →</a></p>
          <Card card={data.metric!.definition.card} />
        </section>
      </div>
      <p class="sr">{signed(why.change)}</p>
    </>
  );
}
