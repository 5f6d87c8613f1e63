import { ConfigurePluginDocument, DisablePluginDocument, EnablePluginDocument, PluginFormDocument, type PluginFormQuery } from "../../api/documents";
import { local, may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { Refusal } from "../../components/form/Refusal";
import { SchemaForm } from "../../components/form/SchemaForm";
import type { Schema } from "../../components/form/schema";
import { Tile } from "../../components/Tile";
import { Told } from "../../components/Told";
import { link } from "../../shell/router";
import { language, words } from "../../words/words";
import { useEffect, useState } from "preact/hooks";
import { Effect } from "./Effect";
import { State } from "./PluginState";

const t = words({
  plugins: ["Plugins", "플러그인"],
  unknown: ["There is no plugin of this name.", "이 이름의 플러그인이 없습니다."],
  reads: ["It reads", "읽는 데이터"],
  agree: ["Agree and switch on", "동의하고 켜기"],
  off: ["Switch off", "끄기"],
  kept: ["Its values are kept.", "값은 보관됩니다."],
  settings: ["Settings", "설정"],
  none: ["This plugin has no settings.", "이 플러그인에는 설정이 없습니다."],
  save: ["Save", "저장"],
  reset: ["Undo changes", "변경 취소"],
  first: ["See the effect first, then save.", "먼저 영향을 확인한 뒤 저장하세요."],
  changed: ["{count} changed", "{count}개 변경됨"],
  saved: ["Saved as version {version}. History is computed again.", "버전 {version}(으)로 저장되었습니다. 과거 값이 다시 계산됩니다."],
  readOnly: ["Your role may look at settings, and not change them.", "현재 역할은 설정을 볼 수만 있습니다."],
});
type Plugin = PluginFormQuery["plugins"][number];
type Config = Record<string, unknown>;

/** A plugin: whether it is on, what it reads, and its settings as a form whose effect is shown before it is saved. */
export function PluginPage({ id }: { id: string }) {
  const session = useSession().data;
  const plugins = useTile(PluginFormDocument, { language: language.value });
  const plugin = plugins.data?.plugins.find((one) => one.id === id);
  const isMine = session !== null && may(session, "config:write");
  return (
    <>
      <p class="crumbs"><a href={link(["setup", "plugins"])}>{t("plugins")}</a></p>
      <Tile
        title={plugin ? (language.value === "ko" ? plugin.titleKo : plugin.title) : id}
        state={plugins}
        isEmpty={() => !plugin}
        empty={t("unknown")}
        actions={plugin && <State plugin={plugin} />}
      >
        {() => (
          <>
            <Standing plugin={plugin!} isMine={isMine} />
            <Settings key={`${id}-${plugin!.configurationVersion}`} plugin={plugin!} isMine={isMine} />
          </>
        )}
      </Tile>
    </>
  );
}

/** What it reads, and the switch: what it reads is said before one agrees. */
function Standing({ plugin, isMine }: { plugin: Plugin; isMine: boolean }) {
  const enabling = useChange(EnablePluginDocument);
  const disabling = useChange(DisablePluginDocument);
  return (
    <div class="standing">
      {(plugin.problem ?? plugin.waits) && <p class="note warn-note"><Told text={plugin.problem ?? plugin.waits} /></p>}
      <p><span class="faint">{t("reads")}:</span> <span>{plugin.reads.map((one) => <span key={one} class="chip">{local(one)}</span>)}</span></p>
      <Refusal failure={enabling.failure ?? disabling.failure} />
      {isMine && (
        <p class="buttons">
          {(!plugin.enabled || plugin.waits) && (
            <button type="button" class="primary" disabled={enabling.busy} onClick={() => enabling.send({ id: plugin.id })}>{t("agree")}</button>
          )}
          {plugin.enabled && <button type="button" disabled={disabling.busy} onClick={() => disabling.send({ id: plugin.id })}>{t("off")}</button>}
          {plugin.enabled && <span class="faint">{t("kept")}</span>}
        </p>
      )}
    </div>
  );
}

function Settings({ plugin, isMine }: { plugin: Plugin; isMine: boolean }) {
  const stored = plugin.config as Config;
  const schema = plugin.schema as Schema;
  const [config, setConfig] = useState<Config>(stored);
  const [tried, setTried] = useState<Config | null>(null);
  const saving = useChange(ConfigurePluginDocument);
  const changes = Object.fromEntries(Object.entries(config).filter(([key, one]) => JSON.stringify(one) !== JSON.stringify(stored[key])));
  const count = Object.keys(changes).length;
  useUnsaved(count > 0);
  const isTried = tried === config || !plugin.enabled;
  if (!Object.keys(schema.properties ?? {}).length) return <p class="faint">{t("none")}</p>;
  return (
    <form
      class="settings"
      onSubmit={(event) => {
        event.preventDefault();
        if (count && isTried) void saving.send({ plugin: plugin.id, changes, version: plugin.configurationVersion, dryRun: false });
      }}
    >
      <h2 class="part">{t("settings")}</h2>
      <fieldset class="bare" disabled={!isMine}>
        <SchemaForm schema={schema} value={config} onChange={setConfig} />
      </fieldset>
      {!isMine && <p class="faint">{t("readOnly")}</p>}
      <Refusal failure={saving.failure} />
      {saving.data && <p role="status">{t("saved", { version: saving.data.configurePlugin.plugin.configurationVersion })}</p>}
      {isMine && (
        <div class="commit">
          {plugin.enabled && <Effect plugin={plugin.id} version={plugin.configurationVersion} config={config} changes={changes} onTried={() => setTried(config)} />}
          <p class="buttons">
            <button type="submit" class="primary" disabled={!count || !isTried || saving.busy}>{t("save")}</button>
            <button type="button" class="quiet" disabled={!count} onClick={() => setConfig(stored)}>{t("reset")}</button>
            <span class="faint">{count > 0 && t("changed", { count })} {count > 0 && !isTried && t("first")}</span>
          </p>
        </div>
      )}
    </form>
  );
}

/** Asks before the page is left with what was not saved. */
function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isUnsaved]);
}
