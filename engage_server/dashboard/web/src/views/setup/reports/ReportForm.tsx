import { useState } from "preact/hooks";
import { CreateReportDocument, type CreateReportInput, type ReportsQuery, type SessionQuery } from "../../../api/documents";
import { may } from "../../../api/session";
import { useChange } from "../../../api/useChange";
import { CheckField, NumberField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { said } from "../../../words/enums";
import { language, words } from "../../../words/words";
import { AccountField } from "./AccountField";
import { MetricsField } from "./MetricsField";

const t = words({
  add: ["Define a report", "보고서 정의"],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  quotes: ["With what its people said", "구성원의 말 포함"],
  every: ["Sent", "발송"],
  never: ["not sent, shown when one asks", "발송 안 함(요청 시 표시)"],
  hour: ["At (hour)", "시각"],
  channel: ["By", "채널"],
  noChannel: ["To be sent it needs a channel, and there is none yet.", "발송하려면 채널이 필요하지만 아직 없습니다."],
});
const KINDS = ["QUARTERLY_REVIEW", "PORTFOLIO", "ROADMAP"] as const;
const PERIODS = ["WEEK", "MONTH", "QUARTER"] as const;
type Channels = NonNullable<ReportsQuery["channels"]>["edges"][number]["node"][];

/** A report: of what, and whether it is sent. */
export function ReportForm({ session, channels }: { session: SessionQuery; channels: Channels }) {
  const making = useChange(CreateReportDocument);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("PORTFOLIO");
  const [metrics, setMetrics] = useState<string[]>([]);
  const [account, setAccount] = useState<string | null>(null);
  const [quotes, setQuotes] = useState(false);
  const [every, setEvery] = useState<(typeof PERIODS)[number] | "">("");
  const [hour, setHour] = useState<number | null>(7);
  const team = channels.filter((one) => one.kind !== "PERSONS");
  const [channel, setChannel] = useState("");
  const isReview = kind === "QUARTERLY_REVIEW";
  const subject = kind === "ROADMAP" ? "FEATURE" : "ACCOUNT";
  const save = async (event: Event) => {
    event.preventDefault();
    const sent = every ? { every, hour: hour ?? 7, channel: channel || team[0]!.id } : {};
    const report: CreateReportInput = { name, kind, metrics, language: language.value, ...(isReview ? { account, quotes } : {}), ...sent };
    if (await making.send({ report })) setName("");
  };
  const isReady = name && metrics.length > 0 && (!isReview || account) && (!every || team.length > 0);
  return (
    <form class="tile" aria-label={t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{t("add")}</h2></header>
      <Refusal failure={making.failure} />
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <SelectField label={t("kind")} value={kind} onChange={(next) => (setKind(next as "PORTFOLIO"), setMetrics([]))} options={KINDS.map((one) => [one, said(one)] as const)} />
        {isReview && <AccountField onChange={setAccount} />}
        {isReview && may(session, "personal:read") && <CheckField label={t("quotes")} value={quotes} onChange={setQuotes} />}
        <MetricsField all={session.metrics.filter((one) => one.subjects.includes(subject))} value={metrics} onChange={setMetrics} />
      </div>
      <div class="row">
        <SelectField label={t("every")} value={every} onChange={(next) => setEvery(next as "")} options={[["", t("never")], ...PERIODS.map((one) => [one, said(one)] as const)]} />
        {every && team.length > 0 && <SelectField label={t("channel")} value={channel || team[0]!.id} onChange={setChannel} options={team.map((one) => [one.id, one.name] as const)} />}
        {every && <NumberField label={t("hour")} value={hour} min={0} max={23} whole onChange={setHour} />}
        <button type="submit" class="primary" disabled={!isReady || making.busy}>{t("add")}</button>
      </div>
      {every && !team.length && <p class="note warn-note">{t("noChannel")}</p>}
    </form>
  );
}
