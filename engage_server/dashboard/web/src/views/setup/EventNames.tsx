import { type EventNamesQuery, EventNamesDocument, UpdateEventNameDocument } from "../../api/documents";
import { may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { type Column, DataTable } from "../../components/DataTable";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { Told } from "../../components/Told";
import { place, setQuery } from "../../shell/router";
import { day, number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Event dictionary", "이벤트 사전"],
  empty: ["No event of this name has come in. Send a track call, and its name appears here by itself.", "이 이름의 이벤트가 없습니다. track 호출을 보내면 자동으로 나타납니다."],
  search: ["Search names", "이름 검색"],
  name: ["Name", "이름"],
  key: ["Key event", "핵심 이벤트"],
  keyOf: ["{name} is a key event", "{name}: 핵심 이벤트"],
  kind: ["Class", "분류"],
  kindOf: ["Class of {name}", "{name} 분류"],
  feature: ["Feature", "기능"],
  weight: ["Weight", "가중치"],
  volume: ["Volume", "건수"],
  last: ["Last seen", "마지막 수신"],
  problems: ["Names to mend", "수정할 이름"],
  more: ["More names", "더 보기"],
  first: ["From the beginning", "처음부터"],
});
const CLASSES = ["VALUE", "PASSIVE", "NOTICE"] as const;
type Name = EventNamesQuery["eventNames"]["edges"][number]["node"];

/** Every name of an event that came in, what it means for the metrics, and names that had better be mended. */
export function EventNames() {
  const session = useSession().data;
  const query = place.value.query;
  const names = useTile(EventNamesDocument, { search: query.get("search"), after: query.get("after") });
  const update = useChange(UpdateEventNameDocument);
  const isMine = session !== null && may(session, "config:write");
  const change = (name: string, changes: object) => void update.send({ name, changes });
  return (
    <Tile
      title={t("title")}
      state={names}
      empty={t("empty")}
      isEmpty={(data) => !data.eventNames.edges.length}
      actions={
        <input type="text" class="small" aria-label={t("search")} placeholder={t("search")} value={query.get("search") ?? ""} onChange={(event) => setQuery({ search: event.currentTarget.value, after: null })} />
      }
    >
      {({ eventNames, eventNameProblems }) => (
        <>
          <Refusal failure={update.failure} />
          {eventNameProblems.edges.length > 0 && (
            <details class="folded">
              <summary>{t("problems")} ({number(eventNameProblems.edges.length)})</summary>
              <ul class="steps">{eventNameProblems.edges.map(({ node }) => <li key={node.name + node.fault}><code>{node.name}</code> <Told text={node.message} /></li>)}</ul>
            </details>
          )}
          <DataTable name="events" caption={t("title")} columns={columns(isMine, change)} rows={eventNames.edges.map(({ node }) => node)} rowKey={(one) => one.name} order="volume.desc" />
          <p class="pages">
            {query.get("after") && <button type="button" onClick={() => setQuery({ after: null })}>{t("first")}</button>}
            {eventNames.pageInfo.hasNextPage && <button type="button" onClick={() => setQuery({ after: eventNames.pageInfo.endCursor })}>{t("more")}</button>}
          </p>
        </>
      )}
    </Tile>
  );
}

function columns(isMine: boolean, change: (name: string, changes: object) => void): Column<Name>[] {
  return [
    { key: "name", title: t("name"), cell: (one) => <code>{one.name}</code>, value: (one) => one.name },
    {
      key: "key",
      title: t("key"),
      cell: (one) => (
        <input type="checkbox" checked={one.isKey} disabled={!isMine} aria-label={t("keyOf", { name: one.name })} onChange={(event) => change(one.name, { isKey: event.currentTarget.checked })} />
      ),
      value: (one) => (one.isKey ? 1 : 0),
      first: "desc",
    },
    {
      key: "class",
      title: t("kind"),
      cell: (one) =>
        isMine ? (
          <select class="small" value={one.eventClass} aria-label={t("kindOf", { name: one.name })} onChange={(event) => change(one.name, { eventClass: event.currentTarget.value })}>
            {CLASSES.map((member) => <option key={member} value={member}>{said(member)}</option>)}
          </select>
        ) : (
          said(one.eventClass)
        ),
      value: (one) => one.eventClass,
    },
    { key: "feature", title: t("feature"), cell: (one) => one.feature, value: (one) => one.feature },
    { key: "weight", title: t("weight"), cell: (one) => number(one.weight), value: (one) => one.weight, numeric: true },
    { key: "volume", title: t("volume"), cell: (one) => number(one.volume), value: (one) => one.volume, numeric: true, first: "desc" },
    { key: "last", title: t("last"), cell: (one) => <span class="faint">{day(one.lastDay)}</span>, value: (one) => one.lastDay, numeric: true },
  ];
}
