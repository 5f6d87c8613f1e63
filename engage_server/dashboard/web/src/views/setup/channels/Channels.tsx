import { useState } from "preact/hooks";
import { ChannelsDocument, type ChannelsQuery, CreateChannelDocument, RetireChannelDocument, TryChannelDocument } from "../../../api/documents";
import { may, useSession } from "../../../api/session";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { type Column, DataTable } from "../../../components/DataTable";
import { SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { moment, number } from "../../../words/format";
import { said } from "../../../words/enums";
import { words } from "../../../words/words";
import { Confirmed } from "../Confirmed";

const t = words({
  title: ["Channels", "채널"],
  empty: ["No channel is there yet. Messages of rules, playbooks and reports go by one: make it below.", "채널이 없습니다. 규칙·플레이북·보고서의 메시지는 채널로 나갑니다. 아래에서 만드세요."],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  to: ["Whither", "받는 곳"],
  limit: ["A minute at most", "분당 최대"],
  try: ["Try", "시험"],
  tryOf: ["Try channel {name}", "채널 {name} 시험"],
  tried: ["A message is on its way; what came of it stands below.", "메시지를 보냈습니다. 결과는 아래에 표시됩니다."],
  end: ["End", "종료"],
  endOf: ["End channel {name}", "채널 {name} 종료"],
  consequence: ["Nothing goes by it any more; playbooks and reports that name it send nothing.", "이 채널로는 더 이상 나가지 않습니다. 이 채널을 쓰는 플레이북과 보고서도 보내지 않습니다."],
  sent: ["What was sent", "보낸 메시지"],
  nothing: ["Nothing was sent yet.", "보낸 메시지가 없습니다."],
  subject: ["Subject", "제목"],
  cause: ["Cause", "원인"],
  state: ["State", "상태"],
  attempts: ["Attempts", "시도"],
  said: ["Said last", "마지막 응답"],
  at: ["When", "시각"],
  add: ["Make a channel", "채널 만들기"],
  url: ["Address (https)", "주소(https)"],
  addresses: ["Addresses, with commas between", "주소(쉼표로 구분)"],
  sender: ["Sender's name", "보내는 이름"],
  once: ["This verifies its messages and is shown once. Keep it now.", "메시지 검증용이며 한 번만 표시됩니다. 지금 보관하세요."],
});
type Channel = NonNullable<ChannelsQuery["channels"]>["edges"][number]["node"];
type Delivery = NonNullable<ChannelsQuery["deliveries"]>["edges"][number]["node"];
const KINDS = ["WEBHOOK", "SLACK", "MAIL", "PERSONS"] as const;
type Kind = (typeof KINDS)[number];

/** Whither messages go, a trial of each, and what became of the newest messages. */
export function Channels() {
  const session = useSession().data;
  const channels = useTile(ChannelsDocument, {});
  const trying = useChange(TryChannelDocument);
  const retire = useChange(RetireChannelDocument);
  const isMine = session !== null && may(session, "automation:write");
  return (
    <div class="stack">
      <Tile title={t("title")} state={channels} empty={t("empty")} isEmpty={(data) => !data.channels?.edges.length}>
        {(data) => (
          <>
            <Refusal failure={trying.failure ?? retire.failure} />
            <p role="status" class="faint">{trying.data && t("tried")}</p>
            <DataTable<Channel> name="channels" caption={t("title")} rows={data.channels!.edges.map(({ node }) => node)} rowKey={(one) => one.id} columns={[...facts(), ...(isMine ? ways((id) => void trying.send({ id }), (id) => void retire.send({ id })) : [])]} />
          </>
        )}
      </Tile>
      {isMine && <NewChannel />}
      <Tile title={t("sent")} state={channels} empty={t("nothing")} isEmpty={(data) => !data.deliveries?.edges.length}>
        {(data) => <DataTable<Delivery> name="deliveries" caption={t("sent")} rows={data.deliveries!.edges.map(({ node }) => node)} rowKey={(one) => one.id} columns={deliveries()} />}
      </Tile>
    </div>
  );
}

const facts = (): Column<Channel>[] => [
  { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
  { key: "kind", title: t("kind"), cell: (one) => said(one.kind), value: (one) => one.kind },
  { key: "to", title: t("to"), cell: (one) => <span class="words">{one.url || one.to.join(", ")}</span>, value: (one) => one.url || one.to.join(", ") },
  { key: "limit", title: t("limit"), cell: (one) => number(one.perMinute), value: (one) => one.perMinute, numeric: true },
];

const ways = (attempt: (id: string) => void, end: (id: string) => void): Column<Channel>[] => [
  { key: "try", title: t("try"), cell: (one) => one.kind !== "PERSONS" && <button type="button" class="quiet" aria-label={t("tryOf", { name: one.name })} onClick={() => attempt(one.id)}>{t("try")}</button> },
  { key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => end(one.id)} /> },
];

const deliveries = (): Column<Delivery>[] => [
  { key: "subject", title: t("subject"), cell: (one) => <span class="words wide">{one.subject}</span>, value: (one) => one.subject },
  { key: "cause", title: t("cause"), cell: (one) => <span class="faint">{one.cause}</span>, value: (one) => one.cause },
  { key: "state", title: t("state"), cell: (one) => <span class={one.state === "DEAD" ? "bad" : ""}>{said(one.state)}</span>, value: (one) => one.state },
  { key: "attempts", title: t("attempts"), cell: (one) => number(one.attempts), value: (one) => one.attempts, numeric: true },
  { key: "said", title: t("said"), cell: (one) => <span class="words faint">{one.log[one.log.length - 1]?.said}</span> },
  { key: "at", title: t("at"), cell: (one) => <span class="faint">{moment(one.createdAt)}</span>, value: (one) => one.createdAt, numeric: true },
];

function NewChannel() {
  const making = useChange(CreateChannelDocument);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("WEBHOOK");
  const [to, setTo] = useState("");
  const save = async (event: Event) => {
    event.preventDefault();
    const given = kind === "PERSONS" ? { sender: to } : kind === "MAIL" ? { to: to.split(",").map((one) => one.trim()).filter(Boolean) } : { url: to };
    if (await making.send({ channel: { name, kind, ...given } })) setName("");
  };
  return (
    <form class="tile" aria-label={t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{t("add")}</h2></header>
      <Refusal failure={making.failure} />
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <SelectField label={t("kind")} value={kind} onChange={(next) => (setKind(next as Kind), setTo(""))} options={KINDS.map((one) => [one, said(one)] as const)} />
        <TextField label={t(kind === "PERSONS" ? "sender" : kind === "MAIL" ? "addresses" : "url")} value={to} onChange={setTo} required />
        <button type="submit" class="primary" disabled={making.busy}>{t("add")}</button>
      </div>
      {making.data?.createChannel.secret && <p class="note" role="status">{t("once")} <code class="secret">{making.data.createChannel.secret}</code></p>}
    </form>
  );
}
