import { useEffect, useState } from "preact/hooks";
import { ask } from "../../../api/client";
import { AccountChoicesDocument } from "../../../api/documents";
import { Field } from "../../../components/form/Fields";
import { words } from "../../../words/words";

const t = words({
  account: ["Account (name or id)", "고객(이름 또는 ID)"],
  unknown: ["Choose one of those that are offered.", "목록에서 고르세요."],
});
const WAIT_MS = 200; // between keys, so that one asks once a pause

interface Choice {
  id: string;
  externalId: string;
  name: string;
}

/** An account by typing; gives its global id, or null as long as it is none that is known. */
export function AccountField({ onChange }: { onChange: (id: string | null) => void }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly Choice[]>([]);
  useEffect(() => {
    if (!text.trim()) return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const edges = (await ask(AccountChoicesDocument, { text: text.trim() })).data?.accounts.edges ?? [];
      if (!isCurrent) return;
      setFound(edges.map(({ node }) => node));
      onChange(edges.find(({ node }) => node.externalId === text.trim())?.node.id ?? null);
    }, WAIT_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text]);
  return (
    <Field label={t("account")} hint={text && !found.some((one) => one.externalId === text.trim()) && t("unknown")}>
      {(id, hint) => (
        <>
          <input id={id} type="text" list={`${id}-found`} aria-describedby={hint} value={text} onInput={(event) => setText(event.currentTarget.value)} required />
          <datalist id={`${id}-found`}>{found.map((one) => <option key={one.id} value={one.externalId}>{one.name}</option>)}</datalist>
        </>
      )}
    </Field>
  );
}
