import { useState } from "preact/hooks";
import { ask, type Failure } from "../../../api/client";
import { ReportsDocument, type ReportsQuery, RetireReportDocument, WrittenReportDocument, type WrittenReportQuery } from "../../../api/documents";
import { may, titleOfMetric, useSession } from "../../../api/session";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { saveFile } from "../../../components/csv";
import { type Column, DataTable } from "../../../components/DataTable";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { day } from "../../../words/format";
import { said } from "../../../words/enums";
import { words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import { ReportForm } from "./ReportForm";
import { Shares } from "./Shares";

const t = words({
  title: ["Reports", "보고서"],
  empty: ["No report is defined yet: a review of an account, the portfolio of a Monday, the roadmap of the features.", "정의된 보고서가 없습니다(고객 리뷰, 월요일 포트폴리오, 기능 로드맵)."],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  metrics: ["Metrics", "지표"],
  every: ["Sent", "발송"],
  never: ["when one asks", "요청 시"],
  show: ["Show", "보기"],
  showOf: ["Show report {name}", "보고서 {name} 보기"],
  end: ["End", "종료"],
  endOf: ["End report {name}", "보고서 {name} 종료"],
  consequence: ["It is sent no more.", "더 이상 발송되지 않습니다."],
  of: ["{name}, of {day}", "{name}, {day} 기준"],
  gone: ["There is nothing to tell: its account is gone, or no day was computed yet.", "내용이 없습니다. 고객이 없거나 아직 계산된 날이 없습니다."],
  page: ["Save the page", "페이지 저장"],
  csv: ["CSV", "CSV"],
  close: ["Close", "닫기"],
});
export type Report = NonNullable<ReportsQuery["reports"]>["edges"][number]["node"];
type Written = NonNullable<Extract<WrittenReportQuery["node"], { written: unknown }>["written"]>;

/** Reports, as they would be sent today, and what is shared by secret addresses. */
export function Reports() {
  const session = useSession().data;
  const reports = useTile(ReportsDocument, {});
  const retire = useChange(RetireReportDocument);
  const [shown, setShown] = useState<{ of: Report; written: Written | null } | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isMine = session !== null && may(session, "automation:write");
  const show = async (of: Report) => {
    const { data, failure: why } = await ask(WrittenReportDocument, { id: of.id });
    setFailure(why);
    if (data) setShown({ of, written: data.node && "written" in data.node ? data.node.written : null });
  };
  const channels = reports.data?.channels?.edges.map(({ node }) => node) ?? [];
  return (
    <div class="stack">
      <Tile title={t("title")} state={reports} empty={t("empty")} isEmpty={(data) => !data.reports?.edges.length}>
        {(data) => (
          <>
            <Refusal failure={failure ?? retire.failure} />
            <DataTable<Report>
              name="reports"
              caption={t("title")}
              rows={data.reports!.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
              columns={columns(titleOfMetric(session), (one) => void show(one), isMine ? (id) => void retire.send({ id }) : null)}
            />
          </>
        )}
      </Tile>
      {shown && <Shown name={shown.of.name} written={shown.written} close={() => setShown(null)} />}
      {isMine && session && <ReportForm session={session} channels={channels} />}
      <Shares session={session} state={reports} isMine={isMine} />
    </div>
  );
}

function columns(titleOf: (metric: string) => string, show: (report: Report) => void, end: ((id: string) => void) | null): Column<Report>[] {
  const metrics = (one: Report) => one.metrics.map(titleOf).join(", ");
  const all: Column<Report>[] = [
    { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
    { key: "kind", title: t("kind"), cell: (one) => said(one.kind), value: (one) => one.kind },
    { key: "metrics", title: t("metrics"), cell: (one) => <span class="words" title={metrics(one)}>{metrics(one)}</span>, value: metrics },
    { key: "every", title: t("every"), cell: (one) => (one.every ? said(one.every) : <span class="faint">{t("never")}</span>), value: (one) => one.every },
    { key: "show", title: t("show"), cell: (one) => <button type="button" class="quiet" aria-label={t("showOf", { name: one.name })} onClick={() => show(one)}>{t("show")}</button> },
  ];
  if (end) all.push({ key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => end(one.id)} /> });
  return all;
}

/** What the report says today; the page and the tables save as files. */
function Shown({ name, written, close }: { name: string; written: Written | null; close: () => void }) {
  const title = written?.day ? t("of", { name, day: day(written.day) }) : name;
  return (
    <section class="tile" aria-label={title}>
      <header class="tile-head">
        <h2>{title}</h2>
        <div class="tile-actions">
          {written && <button type="button" class="quiet" onClick={() => saveFile(`${name}.html`, "text/html", [written.html])}>{t("page")}</button>}
          {written && <button type="button" class="quiet" onClick={() => saveFile(`${name}.csv`, "text/csv", ["\ufeff", written.csv])}>{t("csv")}</button>}
          <button type="button" class="quiet" onClick={close}>{t("close")}</button>
        </div>
      </header>
      {written ? <pre class="table-scroll tall" tabIndex={0}>{written.text}</pre> : <p class="empty">{t("gone")}</p>}
    </section>
  );
}
