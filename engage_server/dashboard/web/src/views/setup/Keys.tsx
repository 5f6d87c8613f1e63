import { useState } from "preact/hooks";
import { CreateKeyDocument, KeysDocument, type KeysQuery, RevokeKeyDocument } from "../../api/documents";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { DataTable } from "../../components/DataTable";
import { SelectField, TextField } from "../../components/form/Fields";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { ago, day } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Keys", "키"],
  empty: ["No key is there. Make one below: an ingest key sends events, a query key asks GraphQL.", "키가 없습니다. 아래에서 만드세요. 수집 키는 이벤트를 보내고, 조회 키는 GraphQL을 사용합니다."],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  key: ["Key", "키"],
  used: ["Last used", "마지막 사용"],
  never: ["never", "사용 안 함"],
  unused: ["unused", "미사용"],
  expires: ["Expires", "만료"],
  state: ["State", "상태"],
  on: ["in force", "유효"],
  off: ["ended", "종료됨"],
  revoked: ["revoked", "폐기됨"],
  revoke: ["Revoke", "폐기"],
  revokeOf: ["Revoke key {name}", "키 {name} 폐기"],
  add: ["Make a key", "키 만들기"],
  once: ["This is shown once. Keep it now.", "한 번만 표시됩니다. 지금 보관하세요."],
});
type Key = NonNullable<KeysQuery["keys"]>["edges"][number]["node"];

/** Keys of programs: which there are, whether anybody uses them, one more, and one less. */
export function Keys() {
  const keys = useTile(KeysDocument, {});
  const revoke = useChange(RevokeKeyDocument);
  return (
    <div class="stack">
      <Tile title={t("title")} state={keys} empty={t("empty")} isEmpty={(data) => !data.keys?.edges.length}>
        {(data) => (
          <>
            <Refusal failure={revoke.failure} />
            <DataTable<Key>
              name="keys"
              caption={t("title")}
              rows={data.keys!.edges.map(({ node }) => node)}
              rowKey={(one) => one.publicId}
              columns={[
                { key: "name", title: t("name"), cell: (one) => one.name || <span class="faint">{one.source}</span>, value: (one) => one.name },
                { key: "kind", title: t("kind"), cell: (one) => said(one.kind), value: (one) => one.kind },
                { key: "key", title: t("key"), cell: (one) => <code>{one.prefix}…{one.lastFour}</code> },
                { key: "state", title: t("state"), cell: (one) => <span class={one.inForce ? "good" : "faint"}>{t(one.revokedAt ? "revoked" : one.inForce ? "on" : "off")}</span>, value: (one) => (one.inForce ? 1 : 0), first: "desc" },
                { key: "used", title: t("used"), cell: (one) => <span class={one.unused ? "warn" : "faint"}>{one.lastUsedAt ? ago(one.lastUsedAt) : t("never")}{one.unused && ` · ${t("unused")}`}</span>, value: (one) => one.lastUsedAt },
                { key: "expires", title: t("expires"), cell: (one) => day(one.expiresAt), value: (one) => one.expiresAt, numeric: true },
                { key: "revoke", title: t("revoke"), cell: (one) => one.inForce && <button type="button" class="quiet" aria-label={t("revokeOf", { name: one.name || one.prefix })} onClick={() => revoke.send({ id: one.publicId })}>{t("revoke")}</button> },
              ]}
            />
          </>
        )}
      </Tile>
      <NewKey />
    </div>
  );
}

function NewKey() {
  const making = useChange(CreateKeyDocument);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"INGEST" | "QUERY" | "ADMIN">("INGEST");
  const save = (event: Event) => {
    event.preventDefault();
    void making.send({ key: { kind, name } });
  };
  return (
    <form class="tile" aria-label={t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{t("add")}</h2></header>
      <Refusal failure={making.failure} />
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <SelectField label={t("kind")} value={kind} onChange={(next) => setKind(next as "INGEST")} options={(["INGEST", "QUERY", "ADMIN"] as const).map((one) => [one, said(one)] as const)} />
        <button type="submit" class="primary" disabled={making.busy}>{t("add")}</button>
      </div>
      {making.data && <p class="note" role="status">{t("once")} <code class="secret">{making.data.createKey.text}</code></p>}
    </form>
  );
}
