import { link } from "../../shell/router";
import { words } from "../../words/words";
import { Ages } from "./Ages";
import { Live } from "./Live";
import { Runs } from "./Runs";

const t = words({
  title: ["Data", "데이터"],
  parts: ["Parts of the data", "데이터 항목"],
  runs: ["Runs", "실행"],
  ages: ["Schedules and ages", "일정과 최신성"],
  live: ["Live", "실시간"],
});
const SECTIONS = [
  { path: "runs", show: Runs },
  { path: "ages", show: Ages },
  { path: "live", show: Live },
] as const;

/** `/data/<section>`: what was computed, how old it is, and what comes in. */
export function DataPages({ rest: [path] }: { rest: readonly string[] }) {
  const section = SECTIONS.find((one) => one.path === path) ?? SECTIONS[0];
  return (
    <>
      <div class="page-head"><h1>{t("title")}</h1></div>
      <nav class="tabs" aria-label={t("parts")}>
        {SECTIONS.map((one) => <a key={one.path} href={link(["data", one.path])} aria-current={one === section ? "page" : undefined}>{t(one.path)}</a>)}
      </nav>
      <section.show />
    </>
  );
}
