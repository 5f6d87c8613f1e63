import { AuditLogDocument, type AuditLogQuery } from "../../api/documents";
import { useTile } from "../../api/tile";
import { DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { place, setQuery } from "../../shell/router";
import { moment } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  title: ["Audit log", "감사 로그"],
  empty: ["Nothing of this kind was done.", "해당 기록이 없습니다."],
  action: ["What", "작업"],
  actor: ["Who", "주체"],
  subject: ["Of", "대상"],
  at: ["When", "시각"],
  details: ["Details", "상세"],
  filter: ["Only this action", "이 작업만"],
  older: ["Older", "이전 기록"],
  newest: ["Newest", "최신"],
});
type Entry = NonNullable<AuditLogQuery["auditLog"]>["edges"][number]["node"];

/** Who did what; entries are chained, so that none can be taken out unnoticed. */
export function AuditLog() {
  const query = place.value.query;
  const log = useTile(AuditLogDocument, { after: query.get("after"), action: query.get("action") ?? "" });
  return (
    <Tile
      title={t("title")}
      state={log}
      empty={t("empty")}
      isEmpty={(data) => !data.auditLog?.edges.length}
      actions={<input type="text" class="small" aria-label={t("filter")} placeholder={t("filter")} value={query.get("action") ?? ""} onChange={(event) => setQuery({ action: event.currentTarget.value, after: null })} />}
    >
      {({ auditLog }) => auditLog && (
        <>
          <DataTable<Entry>
            name="log"
            caption={t("title")}
            rows={auditLog.edges.map(({ node }) => node)}
            rowKey={(one) => String(one.position)}
            columns={[
              { key: "at", title: t("at"), cell: (one) => <span class="faint">{moment(one.at)}</span>, value: (one) => one.at },
              { key: "actor", title: t("actor"), cell: (one) => one.actor, value: (one) => one.actor },
              { key: "action", title: t("action"), cell: (one) => <code>{one.action}</code>, value: (one) => one.action },
              { key: "subject", title: t("subject"), cell: (one) => one.subject, value: (one) => one.subject },
              { key: "details", title: t("details"), cell: (one) => <span class="words faint" title={JSON.stringify(one.details)}>{told(one.details)}</span>, value: (one) => JSON.stringify(one.details) },
            ]}
          />
          <p class="pages">
            {query.get("after") && <button type="button" onClick={() => setQuery({ after: null })}>{t("newest")}</button>}
            {auditLog.pageInfo.hasNextPage && <button type="button" onClick={() => setQuery({ after: auditLog.pageInfo.endCursor })}>{t("older")}</button>}
          </p>
        </>
      )}
    </Tile>
  );
}

/** Fields of the details, one after the other. */
const told = (details: unknown): string =>
  Object.entries((details ?? {}) as Record<string, unknown>)
    .map(([key, one]) => `${key}: ${typeof one === "object" ? JSON.stringify(one) : String(one)}`)
    .join(", ");
