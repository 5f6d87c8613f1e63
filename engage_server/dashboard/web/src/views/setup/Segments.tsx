import { RetireSegmentDocument, SegmentsDocument, type SegmentsQuery } from "../../api/documents";
import { may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { type Column, DataTable } from "../../components/DataTable";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import { SegmentBuilder } from "./SegmentBuilder";
import { describe, type Node } from "./conditions";

const t = words({
  title: ["Segments", "세그먼트"],
  empty: ["No segment is saved yet. Build the first one above.", "저장된 세그먼트가 없습니다. 위에서 만드세요."],
  name: ["Name", "이름"],
  of: ["Of", "대상"],
  size: ["In it today", "오늘 인원"],
  rule: ["Who is in it", "조건"],
  list: ["a list by hand", "직접 만든 목록"],
  tracked: ["Measured", "측정"],
  yes: ["yes", "예"],
  version: ["Version", "버전"],
  end: ["End", "종료"],
  endOf: ["End segment {name}", "세그먼트 {name} 종료"],
});
type Segment = SegmentsQuery["segments"]["edges"][number]["node"];

/** Saved segments with their size today, and one in the making, counted as one builds. */
export function Segments() {
  const session = useSession().data;
  const segments = useTile(SegmentsDocument, {});
  const retire = useChange(RetireSegmentDocument);
  const isMine = session !== null && may(session, "config:write");
  return (
    <div class="stack">
      {isMine && session && <SegmentBuilder session={session} events={segments.data?.eventNames.edges.map(({ node }) => node.name) ?? []} />}
      <Tile title={t("title")} state={segments} empty={t("empty")} isEmpty={(data) => !data.segments.edges.length}>
        {(data) => (
          <>
            <Refusal failure={retire.failure} />
            <DataTable
              name="segments"
              caption={t("title")}
              columns={columns(isMine ? (id) => void retire.send({ id }) : null)}
              rows={data.segments.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
            />
          </>
        )}
      </Tile>
    </div>
  );
}

function columns(end: ((id: string) => void) | null): Column<Segment>[] {
  const rule = (one: Segment) => (one.isStatic ? t("list") : describe(one.condition as Node));
  const all: Column<Segment>[] = [
    { key: "name", title: t("name"), cell: (one) => <span title={one.description}>{one.name}</span>, value: (one) => one.name },
    { key: "of", title: t("of"), cell: (one) => said(one.subject), value: (one) => one.subject },
    { key: "size", title: t("size"), cell: (one) => <b>{number(one.size)}</b>, value: (one) => one.size, numeric: true, first: "desc" },
    { key: "rule", title: t("rule"), cell: (one) => <span class="words wide" title={rule(one)}>{rule(one)}</span>, value: rule },
    { key: "tracked", title: t("tracked"), cell: (one) => one.tracked && t("yes"), value: (one) => (one.tracked ? 1 : 0) },
    { key: "version", title: t("version"), cell: (one) => <span class="faint">{one.version}</span>, value: (one) => one.version, numeric: true },
  ];
  if (end) {
    all.push({ key: "end", title: t("end"), cell: (one) => <button type="button" class="quiet" aria-label={t("endOf", { name: one.name })} onClick={() => end(one.id)}>{t("end")}</button> });
  }
  return all;
}
