import { AccountFactsDocument } from "../../api/documents";
import { scoreMetric, titleOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { Tile } from "../../components/Tile";
import { link, place } from "../../shell/router";
import { shiftDay, today } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import { recall } from "../book/chosen";
import { Course } from "./Course";
import { Facts } from "./Facts";
import { Metrics } from "./Metrics";
import { happenings, Timeline } from "./Timeline";

const t = words({
  book: ["My book", "내 고객"],
  unknown: ["There is no account of this id, or it is not for you to see.", "이 ID의 고객이 없거나 볼 수 없습니다."],
  facts: ["Facts", "기본 정보"],
  course: ["{metric} over time", "{metric} 추이"],
  none: ["This account has no such value yet. It comes with the next day that is computed.", "아직 값이 없습니다. 다음 계산일에 표시됩니다."],
  metrics: ["All that is measured", "모든 지표"],
  noMetrics: ["Nothing is measured for this account yet.", "아직 측정된 지표가 없습니다."],
  timeline: ["What happened", "타임라인"],
  nothing: [
    "Nothing is told yet. Survey answers, feedback, and changes of plan, stage or owner appear here as they come in.",
    "아직 내용이 없습니다. 설문 응답, 피드백, 요금제·단계·담당자 변경이 들어오면 표시됩니다.",
  ],
});
const DAYS = 180;

/** One account: what it is, how it went, and what happened. */
export function Account({ rest: [id = ""] }: { rest: readonly string[] }) {
  const session = useSession();
  const { query } = place.value;
  const metric = session.data && scoreMetric(session.data, query.get("metric"));
  const score = session.data ? metric?.id : (query.get("metric") ?? recall(query)?.score); // asked for at once where it is known
  const to = today();
  const range = { id, from: shiftDay(to, -DAYS), to };
  const facts = useTile(AccountFactsDocument, score ? { ...range, score } : null);
  const account = facts.data?.account;
  if (facts.data && !account) return <p class="empty">{t("unknown")}</p>;
  return (
    <>
      <p class="crumbs"><a href={link([])}>{t("book")}</a></p>
      <div class="page-head">
        <h1>{account?.name || id}</h1>
        {account && <span class="faint">{[account.plan, said(account.stage), account.owner].filter(Boolean).join(" · ")}</span>}
      </div>
      <div class="grid account">
        <Tile title={t("facts")} state={facts}>{(data) => session.data && <Facts account={data.account!} session={session.data} />}</Tile>
        <div class="stack">
          <Tile
            title={metric ? t("course", { metric: titleOf(metric) }) : ""}
            state={facts}
            isEmpty={(data) => !data.account!.score}
            empty={t("none")}
          >
            {(data) => metric && <Course account={data.account!} overrides={data.overrides} metric={metric} />}
          </Tile>
          <Tile title={t("metrics")} state={facts} isEmpty={(data) => !data.account!.metrics.length} empty={t("noMetrics")}>
            {(data) => session.data && <Metrics id={id} metrics={data.account!.metrics} session={session.data} />}
          </Tile>
        </div>
        <Tile
          title={t("timeline")}
          state={facts}
          isEmpty={(data) => !happenings({ account: data.account!, overrides: data.overrides }).length}
          empty={t("nothing")}
        >
          {(data) => <Timeline account={data.account!} overrides={data.overrides} />}
        </Tile>
      </div>
    </>
  );
}
