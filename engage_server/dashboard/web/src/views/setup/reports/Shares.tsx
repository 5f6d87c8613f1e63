import { useState } from "preact/hooks";
import { CreateShareDocument, type CreateShareInput, type ReportsQuery, RevokeShareDocument, type SessionQuery } from "../../../api/documents";
import { accountMetrics, titleOfMetric } from "../../../api/session";
import type { TileState } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { type Column, DataTable } from "../../../components/DataTable";
import { CheckField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { day } from "../../../words/format";
import { said } from "../../../words/enums";
import { language, words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import { AccountField } from "./AccountField";
import { MetricsField } from "./MetricsField";

const t = words({
  title: ["Shared by a secret address", "비밀 주소로 공유"],
  empty: ["Nothing is shared. An account's own page, or the calendar of renewals, can be.", "공유된 것이 없습니다. 고객용 페이지나 갱신 캘린더를 공유할 수 있습니다."],
  name: ["Name", "이름"],
  kind: ["What", "대상"],
  ACCOUNT: ["an account's own page", "고객용 페이지"],
  shows: ["Shows", "표시 내용"],
  goals: ["its goals", "목표"],
  address: ["Address", "주소"],
  open: ["Open", "열기"],
  until: ["Until", "종료일"],
  end: ["Revoke", "폐기"],
  endOf: ["Revoke share {name}", "공유 {name} 폐기"],
  consequence: ["Its address shows nothing any more, at once.", "주소가 즉시 무효가 됩니다."],
  add: ["Share", "공유"],
  made: ["Shared at", "공유 주소"],
  whoever: ["Whoever has the address sees it.", "주소를 가진 사람은 누구나 볼 수 있습니다."],
});
type Share = NonNullable<ReportsQuery["shares"]>["edges"][number]["node"];

interface Props {
  session: SessionQuery | null;
  state: TileState<ReportsQuery>;
  isMine: boolean;
}

/** What is shown to whoever has an address, and the form for one more. */
export function Shares({ session, state, isMine }: Props) {
  const revoke = useChange(RevokeShareDocument);
  return (
    <>
      <Tile title={t("title")} state={state} empty={t("empty")} isEmpty={(data) => !data.shares?.edges.length}>
        {(data) => (
          <>
            <Refusal failure={revoke.failure} />
            <DataTable<Share> name="shares" caption={t("title")} rows={data.shares!.edges.map(({ node }) => node)} rowKey={(one) => one.id} columns={columns(titleOfMetric(session), isMine ? (id) => void revoke.send({ id }) : null)} />
          </>
        )}
      </Tile>
      {isMine && session && <NewShareForm session={session} />}
    </>
  );
}

const kindWord = (kind: string): string => (kind === "ACCOUNT" ? t("ACCOUNT") : said(kind));

function columns(titleOf: (metric: string) => string, revoke: ((id: string) => void) | null): Column<Share>[] {
  const shows = (one: Share) => [...one.metrics.map(titleOf), ...(one.goals ? [t("goals")] : [])].join(", ");
  const all: Column<Share>[] = [
    { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
    { key: "kind", title: t("kind"), cell: (one) => kindWord(one.kind), value: (one) => one.kind },
    { key: "shows", title: t("shows"), cell: (one) => <span class="words" title={shows(one)}>{shows(one)}</span>, value: shows },
    { key: "until", title: t("until"), cell: (one) => day(one.endsOn), value: (one) => one.endsOn, numeric: true },
    { key: "address", title: t("address"), cell: (one) => <a href={one.address} target="_blank" rel="noreferrer" aria-label={`${t("open")}: ${one.name}`}>{t("open")}</a> },
  ];
  if (revoke) all.push({ key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => revoke(one.id)} /> });
  return all;
}

function NewShareForm({ session }: { session: SessionQuery }) {
  const making = useChange(CreateShareDocument);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"ACCOUNT" | "CALENDAR">("ACCOUNT");
  const [account, setAccount] = useState<string | null>(null);
  const [metrics, setMetrics] = useState<string[]>([]);
  const [goals, setGoals] = useState(true);
  const [endsOn, setEnds] = useState("");
  const isPage = kind === "ACCOUNT";
  const save = async (event: Event) => {
    event.preventDefault();
    const share: CreateShareInput = { name, kind, language: language.value, endsOn: endsOn || null, ...(isPage ? { account, metrics, goals } : {}) };
    if (await making.send({ share })) setName("");
  };
  const isReady = name && (!isPage || (account && (metrics.length > 0 || goals)));
  const address = making.data?.createShare.share?.address;
  return (
    <form class="tile" aria-label={t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{t("add")}</h2></header>
      <Refusal failure={making.failure} />
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <SelectField label={t("kind")} value={kind} onChange={(next) => setKind(next as "ACCOUNT")} options={(["ACCOUNT", "CALENDAR"] as const).map((one) => [one, kindWord(one)] as const)} />
        {isPage && <AccountField onChange={setAccount} />}
        {isPage && <MetricsField all={accountMetrics(session)} value={metrics} onChange={setMetrics} />}
        {isPage && <CheckField label={t("goals")} value={goals} onChange={setGoals} />}
        <TextField label={t("until")} type="date" value={endsOn} onChange={setEnds} />
        <button type="submit" class="primary" disabled={!isReady || making.busy}>{t("add")}</button>
      </div>
      <p class="hint">{t("whoever")}</p>
      {address && <p class="note" role="status">{t("made")} <a href={address} target="_blank" rel="noreferrer" class="secret">{new URL(address, window.location.href).href}</a></p>}
    </form>
  );
}
