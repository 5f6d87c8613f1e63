import { may, useSession } from "../../api/session";
import { type Later, later } from "../../shell/later";
import { link } from "../../shell/router";
import { words } from "../../words/words";
import { AuditLog } from "./AuditLog";
import { Checklist } from "./Checklist";
import { EventNames } from "./EventNames";
import { Goals } from "./Goals";
import { Keys } from "./Keys";
import { Members } from "./Members";
import { PluginPages } from "./PluginPages";
import { Privacy } from "./Privacy";
import { Segments } from "./Segments";

const t = words({
  title: ["Set-up", "설정"],
  parts: ["Parts of the set-up", "설정 항목"],
  check: ["Check", "점검"],
  plugins: ["Plugins", "플러그인"],
  events: ["Events", "이벤트"],
  segments: ["Segments", "세그먼트"],
  rules: ["Rules", "규칙"],
  playbooks: ["Playbooks", "플레이북"],
  channels: ["Channels", "채널"],
  surveys: ["Surveys", "설문"],
  reports: ["Reports", "보고서"],
  goals: ["Goals", "목표"],
  keys: ["Keys", "키"],
  members: ["Members", "구성원"],
  privacy: ["Privacy", "개인정보"],
  log: ["Audit log", "감사 로그"],
  closed: ["Your role may not see this. Ask an owner of the company.", "현재 역할로는 볼 수 없습니다. 회사 소유자에게 문의하세요."],
});

interface Part {
  rest: readonly string[];
}

interface Section extends Later<Part> {
  path: "check" | "plugins" | "events" | "segments" | "rules" | "playbooks" | "channels" | "surveys" | "reports" | "goals" | "keys" | "members" | "privacy" | "log";
  /** What one has to be allowed to see it. */
  permission: string;
}

/** A part that is small, and comes with the others. */
const here = (Show: Later<Part>["Show"]): Later<Part> => ({ Show, load: () => Promise.resolve() });

const SECTIONS: readonly Section[] = [
  { path: "check", permission: "config:write", ...here(Checklist) },
  { path: "plugins", permission: "metrics:read", ...here(PluginPages) },
  { path: "events", permission: "metrics:read", ...here(EventNames) },
  { path: "segments", permission: "metrics:read", ...here(Segments) },
  { path: "rules", permission: "automation:read", ...later<Part>(async () => (await import("./rules/Rules")).Rules) },
  { path: "playbooks", permission: "automation:read", ...later<Part>(async () => (await import("./playbooks/Playbooks")).Playbooks) },
  { path: "channels", permission: "automation:read", ...later<Part>(async () => (await import("./channels/Channels")).Channels) },
  { path: "surveys", permission: "automation:read", ...later<Part>(async () => (await import("./surveys/Definitions")).Definitions) },
  { path: "reports", permission: "automation:read", ...later<Part>(async () => (await import("./reports/Reports")).Reports) },
  { path: "goals", permission: "metrics:read", ...here(Goals) },
  { path: "keys", permission: "keys:manage", ...here(Keys) },
  { path: "members", permission: "members:manage", ...here(Members) },
  { path: "privacy", permission: "privacy:manage", ...here(Privacy) },
  { path: "log", permission: "audit:read", ...here(AuditLog) },
];

/** `/setup/<section>`: whatever the reader's role may see, as tabs. */
export function SetupPages({ rest: [path, ...rest] }: { rest: readonly string[] }) {
  const session = useSession().data;
  if (!session) return <p class="empty" aria-busy="true" />;
  const open = SECTIONS.filter((one) => may(session, one.permission));
  const section = path ? open.find((one) => one.path === path) : open[0];
  return (
    <>
      <div class="page-head"><h1>{t("title")}</h1></div>
      <nav class="tabs" aria-label={t("parts")}>
        {open.map((one) => (
          <a key={one.path} href={link(["setup", one.path])} aria-current={one === section ? "page" : undefined}>{t(one.path)}</a>
        ))}
      </nav>
      {section ? <section.Show key={section.path} rest={rest} /> : <p class="empty">{t("closed")}</p>}
    </>
  );
}
