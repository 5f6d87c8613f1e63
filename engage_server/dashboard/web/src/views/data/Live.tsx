import { useEffect, useState } from "preact/hooks";
import { EventReceivedDocument, type EventReceivedSubscription, RejectsDocument, type RejectsQuery } from "../../api/documents";
import { listen, type Standing } from "../../api/live";
import { may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { Told } from "../../components/Told";
import { link } from "../../shell/router";
import { moment, number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  events: ["Events as they come", "들어오는 이벤트"],
  connecting: ["connecting …", "연결 중 …"],
  live: ["live", "실시간"],
  ended: ["ended: refresh the page", "종료됨: 페이지를 새로고침하세요"],
  waiting: ["Waiting for the next event. At most ten a second are shown.", "다음 이벤트를 기다리는 중입니다. 초당 최대 10건이 표시됩니다."],
  stop: ["Stop", "중지"],
  go: ["Go on", "계속"],
  count: ["{count} shown", "{count}건 표시"],
  rejects: ["Not taken in, and why", "거부된 데이터와 이유"],
  noRejects: ["Everything that came in could be read.", "모든 데이터를 읽을 수 있었습니다."],
  cause: ["Cause", "원인"],
  message: ["What to mend", "수정할 내용"],
  source: ["Source", "출처"],
  received: ["Received", "수신"],
  sources: ["Sources", "출처"],
  side: ["Side", "위치"],
  environment: ["Environment", "환경"],
});
const MOST = 60;
type Received = NonNullable<EventReceivedSubscription["eventReceived"]>;
type Reject = NonNullable<RejectsQuery["quarantine"]>["edges"][number]["node"];

/** Events while they come in, and what could not be taken in. */
export function Live() {
  const session = useSession().data;
  const isMine = session !== null && may(session, "config:write");
  const rejects = useTile(RejectsDocument, isMine ? {} : null);
  return (
    <div class="grid halves wide">
      <Stream />
      {isMine && (
        <div class="stack">
          <Tile title={t("rejects")} state={rejects} empty={t("noRejects")} isEmpty={(data) => !data.quarantine?.edges.length}>
            {(data) => (
              <DataTable<Reject>
                name="rejects"
                caption={t("rejects")}
                rows={data.quarantine!.edges.map(({ node }) => node)}
                rowKey={(one) => one.id}
                columns={[
                  { key: "code", title: t("cause"), cell: (one) => <code>{one.code}</code>, value: (one) => one.code },
                  { key: "message", title: t("message"), cell: (one) => <Told class="words" text={one.message} />, value: (one) => one.message },
                  { key: "source", title: t("source"), cell: (one) => one.source, value: (one) => one.source },
                  { key: "received", title: t("received"), cell: (one) => <span class="faint">{moment(one.receivedAt)}</span>, value: (one) => one.receivedAt, numeric: true },
                ]}
              />
            )}
          </Tile>
          <Tile title={t("sources")} state={rejects}>
            {(data) => (
              <DataTable
                name="sources"
                caption={t("sources")}
                rows={data.sources.edges.map(({ node }) => node)}
                rowKey={(one) => one.name}
                columns={[
                  { key: "source", title: t("source"), cell: (one) => one.name, value: (one) => one.name },
                  { key: "side", title: t("side"), cell: (one) => said(one.side), value: (one) => one.side },
                  { key: "environment", title: t("environment"), cell: (one) => said(one.environment), value: (one) => one.environment },
                ]}
              />
            )}
          </Tile>
        </div>
      )}
    </div>
  );
}

function Stream() {
  const [events, setEvents] = useState<readonly Received[]>([]);
  const [standing, setStanding] = useState<Standing>("connecting");
  const [isOn, setOn] = useState(true);
  useEffect(() => {
    if (!isOn) return;
    const tell = ({ eventReceived }: EventReceivedSubscription) => eventReceived && setEvents((now) => [eventReceived, ...now].slice(0, MOST));
    return listen(EventReceivedDocument, tell, setStanding);
  }, [isOn]);
  return (
    <section class="tile" aria-label={t("events")}>
      <header class="tile-head">
        <h2>{t("events")}</h2>
        <span class={`state ${standing === "live" && isOn ? "good" : "faint"}`} role="status"><i aria-hidden="true">●</i> {t(standing)}</span>
        <div class="tile-actions"><span class="faint">{t("count", { count: number(events.length) })}</span><button type="button" class="quiet" onClick={() => setOn(!isOn)}>{t(isOn ? "stop" : "go")}</button></div>
      </header>
      {events.length ? (
        <ul class="timeline" role="log">
          {events.map((one, index) => (
            <li key={`${one.receivedAt}${index}`}>
              <time dateTime={one.receivedAt}>{new Date(one.receivedAt).toLocaleTimeString()}</time>
              <div><code>{one.name}</code> {one.account && <a href={link(["accounts", one.account.externalId])}>{one.account.name || one.account.externalId}</a>} <span class="faint">{one.source}</span></div>
            </li>
          ))}
        </ul>
      ) : (
        <p class="empty">{t("waiting")}</p>
      )}
    </section>
  );
}
