import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api/client";
import { SearchDocument } from "../api/documents";
import { titleOf, useSession } from "../api/session";
import { words } from "../words/words";
import { go, link } from "./router";

const t = words({
  label: ["Search accounts and metrics", "고객과 지표 검색"],
  hint: ["Search accounts and metrics  ( / )", "고객과 지표 검색  ( / )"],
  nothing: ["Nothing of this name.", "일치하는 항목이 없습니다."],
  account: ["account", "고객"],
  metric: ["metric", "지표"],
});
const WAIT_MS = 120; // between keys, so that one asks once a pause

interface Found {
  href: string;
  name: string;
  kind: string;
}

/** Type-ahead over accounts, by the server, and metrics, which the page knows; `/` brings one here. */
export function Search() {
  const session = useSession().data;
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [accounts, setAccounts] = useState<Found[]>([]);
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const bring = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", bring);
    return () => document.removeEventListener("keydown", bring);
  }, []);
  useEffect(() => {
    const wanted = text.trim();
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const data = wanted ? (await ask(SearchDocument, { text: wanted })).data : null;
      if (isCurrent) setAccounts((data?.accounts.edges ?? []).map(({ node }) => account(node)));
    }, WAIT_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text]);
  const metrics = (session?.metrics ?? [])
    .filter((one) => text.trim() && titleOf(one).toLowerCase().includes(text.trim().toLowerCase()))
    .slice(0, 6)
    .map((one) => ({ href: link(["metrics", one.id]), name: titleOf(one), kind: t("metric") }));
  const found = [...accounts, ...metrics];
  const follow = (one: Found | undefined) => {
    if (!one) return;
    setText("");
    setOpen(false);
    field.current?.blur();
    go(one.href);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((now) => Math.min(now + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt((now) => Math.max(now - 1, 0));
    else if (event.key === "Enter") follow(found[at]);
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
  };
  const isShown = isOpen && text.trim() !== "";
  return (
    <div class="search" role="search">
      <input
        ref={field}
        type="text"
        role="combobox"
        aria-label={t("label")}
        aria-expanded={isShown}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isShown && found[at] ? `found-${at}` : undefined}
        autocomplete="off"
        placeholder={t("hint")}
        value={text}
        onInput={(event) => (setText(event.currentTarget.value), setAt(0), setOpen(true))}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onKeyDown={keys}
      />
      <ul id="found" role="listbox" aria-label={t("label")} hidden={!isShown}>
        {found.map((one, index) => (
          <li key={one.href} id={`found-${index}`} role="option" aria-selected={index === at} onMouseDown={() => follow(one)}>
            {one.name} <span class="faint">{one.kind}</span>
          </li>
        ))}
        {!found.length && <li role="option" aria-selected={false} aria-disabled="true" class="faint">{t("nothing")}</li>}
      </ul>
    </div>
  );
}

function account({ externalId, name, plan }: { externalId: string; name: string; plan: string }): Found {
  return { href: link(["accounts", externalId]), name: name || externalId, kind: `${t("account")}${plan && ` · ${plan}`}` };
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
