import { link } from "../shell/router";
import { words } from "../words/words";

const t = words({
  off: ["This is measured by a plugin that is switched off.", "이 화면을 측정하는 플러그인이 꺼져 있습니다."],
  on: ["Switch on {plugin}", "{plugin} 켜기"],
});

/** What stands where a view's plugin is off: what would switch it on. */
export function NeedsPlugin({ plugin }: { plugin: string }) {
  return <p class="empty">{t("off")} <a href={link(["setup", "plugins", plugin])}>{t("on", { plugin })}</a></p>;
}
