import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { speak, useSession } from "../api/session";
import { language, words } from "../words/words";
import { Refresh } from "./Fresh";
import { page } from "./page";
import { link, place } from "./router";
import { Search } from "./Search";
import { switchTheme, theme } from "./theme";
import { views } from "../views";

const t = words({
  skip: ["Skip to the numbers", "본문으로 건너뛰기"],
  views: ["Views", "화면"],
  dark: ["Dark", "어둡게"],
  light: ["Light", "밝게"],
  other: ["한국어", "English"],
  tenant: ["Company", "회사"],
  switch: ["Switch to {name}", "{name}(으)로 전환"],
  signOut: ["Sign out", "로그아웃"],
  people: ["Account", "계정"],
  queries: ["Try queries", "쿼리 실행"],
});

/** What stands around every view: the ways to the others, the search, the tenant, and the switches. */
export function Shell({ children }: { children: ComponentChildren }) {
  const session = useSession().data;
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  const here = place.value.path[0] ?? "";
  return (
    <div class="shell">
      <a class="skip" href="#main">{t("skip")}</a>
      <nav class="side" aria-label={t("views")}>
        <a class="brand" href={link([])}><i aria-hidden="true" />Engage</a>
        <ul>
          {views.filter((view) => view.title).map((view) => (
            <li key={view.path}>
              <a href={link(view.path ? [view.path] : [])} aria-current={view.path === here ? "page" : undefined}>{view.title!()}</a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="stage">
        <header class="top">
          <Search />
          <div class="switches">
            <Refresh />
            <button type="button" class="quiet" onClick={switchTheme}>{t(theme.value === "dark" ? "light" : "dark")}</button>
            <button type="button" class="quiet" lang={language.value === "ko" ? "en" : "ko"} onClick={() => void speak(language.value === "ko" ? "en" : "ko")}>
              {t("other")}
            </button>
            {session && <Tenants session={session} />}
          </div>
        </header>
        <main id="main" tabIndex={-1}>{children}</main>
      </div>
    </div>
  );
}

function Tenants({ session }: { session: NonNullable<ReturnType<typeof useSession>["data"]> }) {
  const others = session.viewer.tenants.filter((one) => one.slug !== session.tenant.slug);
  return (
    <details class="menu tenants">
      <summary aria-label={`${t("tenant")}: ${session.tenant.name}`}>{session.tenant.name}</summary>
      <div class="menu-body">
        <p class="faint">{session.viewer.email ?? session.viewer.actor}{session.viewer.role && ` · ${session.viewer.role.toLowerCase()}`}</p>
        {others.map((one) => (
          <Form key={one.slug} to={page.chooseTenant} fields={{ tenant: one.slug, next: page.root }}>
            {t("switch", { name: one.name })}
          </Form>
        ))}
        <a href={page.people}>{t("people")}</a>
        <a href={page.api} target="_blank" rel="noreferrer">{t("queries")}</a>
        <Form to={page.signOut} fields={{}}>{t("signOut")}</Form>
      </div>
    </details>
  );
}

function Form({ to, fields, children }: { to: string; fields: Record<string, string>; children: ComponentChildren }) {
  return (
    <form method="post" action={to} onSubmit={() => sessionStorage.clear()}>
      {Object.entries({ ...fields, csrfmiddlewaretoken: page.token }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class="quiet">{children}</button>
    </form>
  );
}
