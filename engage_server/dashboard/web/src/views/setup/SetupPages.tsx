import type { ComponentType } from "preact";
import { may, useSession } from "../../api/session";
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
  goals: ["Goals", "목표"],
  keys: ["Keys", "키"],
  members: ["Members", "구성원"],
  privacy: ["Privacy", "개인정보"],
  log: ["Audit log", "감사 로그"],
  closed: ["Your role may not see this. Ask an owner of the company.", "현재 역할로는 볼 수 없습니다. 회사 소유자에게 문의하세요."],
});

interface Section {
  path: "check" | "plugins" | "events" | "segments" | "goals" | "keys" | "members" | "privacy" | "log";
  /** What one has to be allowed to see it. */
  permission: string;
  show: ComponentType<{ rest: readonly string[] }>;
}

const SECTIONS: readonly Section[] = [
  { path: "check", permission: "config:write", show: Checklist },
  { path: "plugins", permission: "metrics:read", show: PluginPages },
  { path: "events", permission: "metrics:read", show: EventNames },
  { path: "segments", permission: "metrics:read", show: Segments },
  { path: "goals", permission: "metrics:read", show: Goals },
  { path: "keys", permission: "keys:manage", show: Keys },
  { path: "members", permission: "members:manage", show: Members },
  { path: "privacy", permission: "privacy:manage", show: Privacy },
  { path: "log", permission: "audit:read", show: AuditLog },
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
      {section ? <section.show rest={rest} /> : <p class="empty">{t("closed")}</p>}
    </>
  );
}
