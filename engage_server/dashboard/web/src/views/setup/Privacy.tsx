import { useState } from "preact/hooks";
import { DeletePersonDocument, PrivacyRequestsDocument, type PrivacyRequestsQuery, SuppressPersonDocument } from "../../api/documents";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { DataTable } from "../../components/DataTable";
import { CheckField, SelectField, TextField } from "../../components/form/Fields";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { moment, number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Privacy requests", "개인정보 요청"],
  empty: ["Nobody has asked to be erased or to be left alone.", "삭제나 처리 중지 요청이 없습니다."],
  kind: ["Request", "요청"],
  state: ["State", "상태"],
  by: ["By", "요청자"],
  at: ["Asked", "요청 시각"],
  done: ["Done", "완료"],
  rows: ["Rows erased", "삭제된 행"],
  days: ["Days restated", "정정된 일수"],
  add: ["A new request", "새 요청"],
  person: ["Person (user id)", "사용자 ID"],
  sure: ["I know that an erasure cannot be taken back.", "삭제는 되돌릴 수 없음을 이해합니다."],
  send: ["Send", "보내기"],
  sent: ["Taken in.", "접수되었습니다."],
});
type Request = NonNullable<PrivacyRequestsQuery["privacyRequests"]>["edges"][number]["node"];

/** Requests of persons under data protection law: what was asked, what came of it, and a new one. */
export function Privacy() {
  const requests = useTile(PrivacyRequestsDocument, {});
  const suppress = useChange(SuppressPersonDocument);
  const erase = useChange(DeletePersonDocument);
  const [kind, setKind] = useState<"SUPPRESS" | "ERASE">("SUPPRESS");
  const [person, setPerson] = useState("");
  const [isSure, setSure] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (await (kind === "ERASE" ? erase : suppress).send({ person })) {
      setPerson("");
      setSure(false);
    }
  };
  return (
    <div class="stack">
      <Tile title={t("title")} state={requests} empty={t("empty")} isEmpty={(data) => !data.privacyRequests?.edges.length}>
        {(data) => (
          <DataTable<Request>
            name="privacy"
            caption={t("title")}
            rows={data.privacyRequests!.edges.map(({ node }) => node)}
            rowKey={(one) => one.id}
            order="at.desc"
            columns={[
              { key: "kind", title: t("kind"), cell: (one) => said(one.kind), value: (one) => one.kind },
              { key: "state", title: t("state"), cell: (one) => said(one.state), value: (one) => one.state },
              { key: "by", title: t("by"), cell: (one) => one.requestedBy, value: (one) => one.requestedBy },
              { key: "at", title: t("at"), cell: (one) => moment(one.requestedAt), value: (one) => one.requestedAt, numeric: true },
              { key: "done", title: t("done"), cell: (one) => moment(one.finishedAt), value: (one) => one.finishedAt, numeric: true },
              { key: "rows", title: t("rows"), cell: (one) => number(rows(one)), value: rows, numeric: true },
              { key: "days", title: t("days"), cell: (one) => number(one.daysRestated), value: (one) => one.daysRestated, numeric: true },
            ]}
          />
        )}
      </Tile>
      <form class="tile" aria-label={t("add")} onSubmit={send}>
        <header class="tile-head"><h2>{t("add")}</h2></header>
        <Refusal failure={suppress.failure ?? erase.failure} />
        <div class="row">
          <SelectField label={t("kind")} value={kind} onChange={(next) => setKind(next as "ERASE")} options={[["SUPPRESS", said("SUPPRESS")], ["ERASE", said("ERASE")]]} />
          <TextField label={t("person")} value={person} onChange={setPerson} required />
          {kind === "ERASE" && <CheckField label={t("sure")} value={isSure} onChange={setSure} />}
          <button type="submit" class="primary" disabled={(kind === "ERASE" && !isSure) || suppress.busy || erase.busy}>{t("send")}</button>
          <span role="status">{(suppress.data ?? erase.data) && t("sent")}</span>
        </div>
      </form>
    </div>
  );
}

const rows = (one: Request): number => one.erased.reduce((sum, { rows: count }) => sum + count, 0);
