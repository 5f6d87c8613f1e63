import { type PluginsQuery, PluginsDocument } from "../../api/documents";
import { useTile } from "../../api/tile";
import { type Column, DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { said } from "../../words/enums";
import { language, words } from "../../words/words";
import { PluginPage } from "./PluginPage";
import { State, stateOf } from "./PluginState";

const t = words({
  title: ["Plugins", "플러그인"],
  empty: ["No plugin is installed. Install one as a Python package; see docs/plugins.md.", "설치된 플러그인이 없습니다. Python 패키지로 설치하세요(docs/plugins.md)."],
  plugin: ["Plugin", "플러그인"],
  state: ["State", "상태"],
  lifecycle: ["Lifecycle", "수명 주기"],
  version: ["Version", "버전"],
});
type Plugin = PluginsQuery["plugins"][number];

/** `/setup/plugins` and `/setup/plugins/<id>`. */
export function PluginPages({ rest: [id] }: { rest: readonly string[] }) {
  return id ? <PluginPage id={id} /> : <PluginList />;
}

function PluginList() {
  const plugins = useTile(PluginsDocument, {});
  return (
    <Tile title={t("title")} state={plugins} empty={t("empty")} isEmpty={(data) => !data.plugins.length}>
      {(data) => <DataTable name="plugins" caption={t("title")} columns={columns()} rows={data.plugins} rowKey={(one) => one.id} order="state.desc" />}
    </Tile>
  );
}

function columns(): Column<Plugin>[] {
  const name = (one: Plugin) => (language.value === "ko" ? one.titleKo : one.title);
  return [
    { key: "plugin", title: t("plugin"), cell: (one) => <a href={link(["setup", "plugins", one.id])}>{name(one)}</a>, value: name },
    { key: "state", title: t("state"), cell: (one) => <State plugin={one} />, value: (one) => stateOf(one) },
    { key: "id", title: "id", cell: (one) => <code>{one.id}</code>, value: (one) => one.id },
    { key: "lifecycle", title: t("lifecycle"), cell: (one) => <span class="faint">{said(one.lifecycle)}</span>, value: (one) => one.lifecycle },
    { key: "version", title: t("version"), cell: (one) => <span class="faint">{one.version}</span>, value: (one) => one.version, numeric: true },
  ];
}
