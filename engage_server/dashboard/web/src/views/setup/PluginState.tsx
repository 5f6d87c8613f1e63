import type { PluginsQuery } from "../../api/documents";
import { words } from "../../words/words";

const t = words({
  on: ["on", "켜짐"],
  off: ["off", "꺼짐"],
  waits: ["waits", "대기 중"],
  problem: ["needs mending", "수정 필요"],
});
type Plugin = Pick<PluginsQuery["plugins"][number], "enabled" | "problem" | "waits">;
type State = "on" | "off" | "waits" | "problem";
export const stateOf = (one: Plugin): State => (one.problem ? "problem" : one.waits ? "waits" : one.enabled ? "on" : "off");
const TONES = { on: "good", off: "faint", waits: "warn", problem: "bad" } as const;
const SHAPES = { on: "●", off: "○", waits: "◐", problem: "■" } as const;

/** How a plugin stands, as a shape, a tone and a word. */
export function State({ plugin }: { plugin: Plugin }) {
  const state = stateOf(plugin);
  return <span class={`state ${TONES[state]}`}><i aria-hidden="true">{SHAPES[state]}</i> {t(state)}</span>;
}
