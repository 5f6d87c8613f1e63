// What is walked: each view in light and dark, in both languages, wide and narrow, and what goes wrong.
import { fillIn, PATIENCE_MS } from "./browser.mjs";
import { keeping } from "./keeping.mjs";
import { making } from "./making.mjs";
import { cellOpened, newcomer } from "./newcomer.mjs";
import { bookOfThousand } from "./thousand.mjs";

const MOST_REQUESTS = 3; // of a view, to the API

// Of each of the demo's companies the account whose people stop coming: something is to be told of it.
const SLIPPING = { acme: "corvus-security", globex: "carver-dairy" };

/** A view that is opened by its address, held to its number of requests, and looked at light, dark, in Korean and narrow. */
function view(name, path, { wants, as = {}, tenant, most = MOST_REQUESTS } = {}) {
  return {
    name,
    as,
    tenant,
    looksItself: true,
    async play({ page, found, expect, look, url, settle }) {
      const before = found.asked;
      await page.goto(`${url}/app/${path.replace("ACCOUNT", SLIPPING[tenant ?? "acme"])}`);
      await page.waitForSelector(".tenants"); // it is known who asks
      // A view's program is loaded when it is opened: until then the page is quiet, and empty.
      for (const selector of wants) await page.waitForSelector(selector, { state: "attached", timeout: PATIENCE_MS });
      await settle();
      expect(found.asked - before <= most, `${found.asked - before} requests, at most ${most} are allowed`);
      expect((await page.locator('[role="alert"]').count()) === 0, `a tile says: ${await page.locator('[role="alert"]').allInnerTexts()}`);
      await look();
      if (!as.locale) await otherWays({ page, expect, look, settle });
    },
  };
}

/** The same page without loading it again: dark, in the other language, and on a telephone. */
async function otherWays({ page, expect, look, settle }) {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  await look("-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
  await page.click('.switches button[lang="ko"]');
  await page.waitForFunction(() => document.documentElement.lang === "ko");
  await settle();
  const korean = await page.locator("main").innerText();
  expect(/[가-힣]/.test(korean), "nothing of it is in Korean");
  expect(!/License utilization|Features used|restated inputs of/.test(korean), "what plugins and the server say is not in Korean");
  await look("-ko");
  await page.click('.switches button[lang="en"]');
  await page.waitForFunction(() => document.documentElement.lang === "en");
  await page.setViewportSize({ width: 390, height: 844 });
  await settle();
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(wide <= seen, `on a telephone the page is ${wide} wide, and ${seen} are seen`);
  await look("-narrow");
}

/** The same in the other company, by somebody whose browser is Korean. */
const inKorean = (name, path, { wants }) => view(`${name}-globex`, path, { wants, as: { locale: "ko-KR" }, tenant: "globex" });

const unavailable = {
  name: "unavailable",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    const before = await page.locator("tbody tr").count();
    await page.route("**/graphql", (route) =>
      route.fulfill({ status: 503, headers: { "Retry-After": "5" }, json: { errors: [{ message: "The database does not answer.", extensions: { code: "UNAVAILABLE" } }] } }),
    );
    await page.click(".switches button:first-child");
    await page.waitForSelector('[role="alert"]');
    expect((await page.locator("tbody tr").count()) === before, "the last numbers are gone");
    expect(/The numbers below are from .+ago|just now/.test(await page.locator('[role="alert"]').first().innerText()), "the age of the numbers is not told");
    await page.unroute("**/graphql");
    await page.click('[role="alert"] button');
    await page.waitForFunction(() => !document.querySelector('[role="alert"]'));
    await settle();
  },
};

/** Where too much was asked, the page says so, waits as long as the server wants, and goes on by itself. */
const patient = {
  name: "patient",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    let refused = 0;
    await page.route("**/graphql", (route) => {
      if (refused > 0) return route.continue();
      refused += 1;
      return route.fulfill({ status: 429, headers: { "Retry-After": "2" }, json: { errors: [{ message: "Your budget is spent.", extensions: { code: "RATE_LIMITED" } }] } });
    });
    await page.click(".switches button:first-child");
    await page.waitForSelector(".patience");
    expect((await page.locator(".patience").innerText()).includes("2 s"), "it is not said how long the page waits");
    expect((await page.locator('[role="alert"]').count()) === 0, "a short patience is told as an error");
    await page.waitForFunction(() => !document.querySelector(".patience"));
    await page.unroute("**/graphql");
    await settle();
    expect((await page.locator('[role="alert"]').count()) === 0, "the page did not go on by itself");
  },
};

const sessionEnds = {
  name: "session-ends",
  async play({ page, expect, url, settle, person }) {
    await page.goto(`${url}/app/?book.order=week.asc`);
    await settle();
    await page.context().clearCookies();
    await page.click(".switches button:first-child");
    await page.waitForURL("**/people/sign-in?next=**");
    await fillIn(page, person);
    await page.waitForURL(/\/people\/\?next=/); // of two companies: which one is it to be
    await page.click('button[value="acme"]');
    await settle();
    expect(page.url().endsWith("/app/?book.order=week.asc"), `one comes back to ${page.url()}`);
  },
};

const twoTenants = {
  name: "two-tenants",
  async play({ page, expect, url, settle, browser, person }) {
    const names = async (at) => (await at.locator("tbody th").allInnerTexts()).map((name) => name.trim());
    await page.goto(`${url}/app/`);
    await settle();
    const ours = await names(page);
    const other = await browser.newContext();
    other.setDefaultTimeout(PATIENCE_MS);
    const beside = await other.newPage();
    await beside.goto(`${url}/`);
    await fillIn(beside, person);
    await beside.waitForURL(/\/people\//);
    await beside.click('button[value="globex"]');
    await beside.waitForFunction(() => document.querySelectorAll("tbody th").length > 20); // four are drawn first
    const theirs = await names(beside);
    await other.close();
    expect(ours.length > 20 && theirs.length > 20, "one of the two sees nothing");
    expect(!ours.some((name) => theirs.includes(name)), "one tenant sees accounts of the other");
  },
};

/** Somebody of several companies goes from one to the other without signing in again. */
const switched = {
  name: "company-switched",
  person: true, // the company is the session's, which the other scenes have in common
  async play({ page, expect, url, settle, person }) {
    await page.goto(`${url}/app/moved`);
    await fillIn(page, person);
    await page.click('button[value="acme"]');
    await page.waitForURL((address) => address.pathname === "/app/moved");
    await settle();
    await page.click(".tenants summary");
    await page.locator(".tenants button", { hasText: "Globex" }).click();
    await page.waitForFunction(() => /Globex/.test(document.querySelector(".tenants summary")?.textContent ?? ""));
    await settle();
    expect(new URL(page.url()).pathname === "/app/", `one comes to ${page.url()}`);
    expect((await page.locator("tbody th", { hasText: "Carver Dairy" }).count()) > 0, "the other company's accounts are not shown");
  },
};

const byKeyboard = {
  name: "by-keyboard",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    await page.keyboard.press("/");
    await page.keyboard.type("corvus");
    await page.waitForSelector('#found [aria-selected="true"]');
    await page.waitForFunction(() => document.querySelector("#found li")?.textContent.includes("Corvus"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/accounts\//);
    await page.goBack();
    await settle();
    await page.locator("tbody th a").first().focus();
    await page.keyboard.press("ArrowDown");
    const second = await page.locator("tbody th a").nth(1).innerText();
    expect((await page.evaluate(() => document.activeElement.textContent)) === second, "the arrow key leads to no row");
  },
};

const filtered = {
  name: "filtered",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    const all = await page.locator("tbody tr").count();
    await page.selectOption('select[aria-label="Plan"]', "Enterprise");
    await page.waitForURL(/plan=Enterprise/);
    await settle();
    await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length < count, all);
    const address = page.url();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click('button[title*="CSV"]')]);
    expect(download.suggestedFilename() === "book.csv", `the file is called ${download.suggestedFilename()}`);
    const few = await page.locator("tbody tr").count();
    await page.goto(address);
    await settle();
    expect((await page.locator("tbody tr").count()) === few, "the address shows other rows than its sender saw");
  },
};

/** A plugin's setting is changed by its form: first whose value would change, then it is saved. */
const configured = {
  name: "setup-configured",
  whole: true,
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/setup/plugins/nps`);
    await settle();
    const save = page.locator('.settings button[type="submit"]');
    const field = page.getByLabel("Window days");
    const before = await field.inputValue();
    expect(await save.isDisabled(), "what is as it was can be saved");
    await field.fill(before === "30" ? "90" : "30"); // far enough apart that somebody's answers fall out of it
    expect(await save.isDisabled(), "it can be saved before its effect is seen");
    await page.getByRole("button", { name: "See the effect" }).click();
    await page.waitForSelector(".effect .part");
    expect((await page.locator(".effect tbody tr").count()) > 0, "the effect names nobody");
    await save.click();
    await page.waitForFunction(() => /Version|version/.test(document.querySelector('.settings [role="status"]')?.textContent ?? "") || document.querySelector(".effect .part") === null);
    await settle();
    expect((await field.inputValue()) !== before, "the setting was not kept");
  },
};

/** A segment is built by clicking; its count follows. */
const segmentBuilt = {
  name: "setup-segment-built",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/setup/segments`);
    await settle();
    const count = () => page.locator(".figure-count").innerText();
    await page.waitForFunction(() => /\d/.test(document.querySelector(".figure-count").textContent));
    const before = await count();
    await page.getByLabel("trial").check();
    await page.waitForFunction((old) => document.querySelector(".figure-count").textContent !== old && /\d/.test(document.querySelector(".figure-count").textContent), before);
    const name = `Customers and trials ${Date.now()}`;
    await page.locator(".builder .commit input[type=text]").fill(name);
    await page.getByRole("button", { name: "Save the segment" }).click();
    await page.waitForSelector(`text=${name}`);
    const row = page.locator("tbody tr", { hasText: name });
    expect((await row.locator("td.num").first().innerText()) === (await count()).replace(/\D/g, ""), "the segment has another size than was counted");
    await row.getByRole("button").click();
    await row.waitFor({ state: "detached" });
  },
};

/** A rule is made by clicking: what it would have said is seen first; then it is changed, and ended once that is agreed to. */
const ruleMade = {
  name: "setup-rule-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `Health falls ${Date.now()}`;
    await page.goto(`${url}/app/setup/rules`);
    await settle();
    await page.getByRole("button", { name: "A new rule" }).click();
    const form = page.locator("form.builder");
    const save = form.getByRole("button", { name: "Save the rule" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("When").selectOption("value");
    await form.getByLabel("Metric").selectOption("health_score.score");
    await form.getByLabel("Edge", { exact: true }).fill("60");
    expect(await save.isDisabled(), "it can be saved before it is seen what it would have said");
    await form.getByRole("button", { name: "See what it would have said" }).click();
    await form.locator(".replay tbody tr").first().waitFor();
    expect(/signals? about \d+/.test(await form.locator(".replay .note").innerText()), "the replay does not say how often");
    await form.getByLabel("Edge", { exact: true }).fill("61");
    expect(await save.isDisabled(), "another rule than the one that was seen can be saved");
    await form.getByRole("button", { name: "See what it would have said" }).click();
    await form.locator(".replay tbody tr").first().waitFor();
    await save.click();
    const row = page.locator("tbody tr", { hasText: name });
    await row.waitFor();
    expect((await row.innerText()).includes("below 61"), "the rule does not say when it speaks");
    await row.getByRole("button", { name: `Change rule ${name}` }).click();
    expect((await form.getByLabel("Edge", { exact: true }).inputValue()) === "61", "the form does not hold what is to be changed");
    await form.getByRole("button", { name: "Leave it as it is" }).click();
    await row.getByRole("button", { name: `End rule ${name}` }).click();
    await row.getByRole("button", { name: "Yes, end" }).click();
    await row.waitFor({ state: "detached" });
  },
};

/** A playbook is made by clicking, off, and switched on only once its consequence is agreed to. */
const playbookMade = {
  name: "setup-playbook-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `Call them ${Date.now()}`;
    await page.goto(`${url}/app/setup/playbooks`);
    await settle();
    await page.getByRole("button", { name: "A new playbook" }).click();
    const form = page.locator("form.builder");
    await form.getByLabel("Name").fill(name);
    await page.waitForFunction(() => /would have raised/.test(document.querySelector("form.builder .note")?.textContent ?? ""));
    expect(/\d+ today/.test(await form.locator(".figure-count").innerText()), "nobody says how many it is about");
    await form.getByLabel("Step 1", { exact: true }).selectOption("wait");
    await form.getByLabel("Days", { exact: true }).first().fill("2");
    await form.getByRole("button", { name: "Save, switched off" }).click();
    const row = page.locator("tbody tr", { hasText: name });
    await row.waitFor();
    expect((await row.innerText()).includes("○ off"), "it is not off at first");
    await row.getByRole("button", { name: `See whether ${name} helps` }).click();
    await row.locator("text=none yet of both").waitFor();
    await row.getByRole("button", { name: `Switch on ${name}` }).click();
    expect((await row.locator(".note").innerText()).includes("every new signal"), "the consequence is not said");
    await row.getByRole("button", { name: "No" }).click();
    expect((await row.innerText()).includes("○ off"), "it was switched on without being agreed to");
    await row.getByRole("button", { name: `Switch on ${name}` }).click();
    await row.getByRole("button", { name: "Yes, switch on" }).click();
    await page.waitForFunction((of) => [...document.querySelectorAll("tbody tr")].some((one) => one.textContent.includes(of) && one.textContent.includes("● on")), name);
    await row.getByRole("button", { name: `End playbook ${name}` }).click();
    await row.getByRole("button", { name: "Yes, end" }).click();
    await row.waitFor({ state: "detached" });
  },
};

/** Who may only look sees no personal data, no form and no part of the set-up that is not theirs. */
const viewerSeesNoPersons = {
  name: "viewer-sees-no-persons",
  async play({ page, expect, url, settle, browser, person, audit }) {
    const account = `${url}/app/accounts/${SLIPPING.acme}`;
    await page.goto(account);
    await settle();
    const answers = page.locator(".timeline li").filter({ hasNotText: "needs a call" }); // what the playbook sent names nobody
    const persons = [...new Set(await answers.locator("q ~ .faint").allInnerTexts())].map((name) => name.trim());
    const said = (await answers.locator("q").allInnerTexts()).map((text) => text.slice(0, 25));
    expect(persons.length > 2 && said.length > 2, "whoever may see persons sees none either");
    const context = await browser.newContext({ locale: "en-GB" });
    context.setDefaultTimeout(PATIENCE_MS);
    const other = await context.newPage();
    const [password, errors] = [`Walk-${Date.now()}-through`, []];
    other.on("pageerror", (error) => errors.push(String(error)));
    await other.goto(person.viewer.link);
    for (const field of await other.locator('input[type="password"]').all()) await field.fill(password);
    await Promise.all([other.waitForURL(/sign-in/), other.click('button[type="submit"]')]);
    await fillIn(other, { email: person.viewer.email, password });
    const look = async (path) => {
      await other.goto(`${url}/app/${path}`);
      await other.waitForSelector("main h1");
      await other.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'), null, { timeout: PATIENCE_MS });
      return other.locator("main").innerText();
    };
    for (const path of [`accounts/${SLIPPING.acme}`, `accounts/${SLIPPING.acme}/why`, "", "moved", "surveys", "adoption", "cohorts", "metrics", "signals", "tasks", "data/live"]) {
      const text = await look(path);
      const seen = [...persons, ...said].filter((one) => text.includes(one));
      expect(!seen.length, `${path || "My book"} shows ${seen}`);
      expect((await other.locator('[role="alert"]').count()) === 0, `${path || "My book"} says: ${await other.locator('[role="alert"]').allInnerTexts()}`);
      const found = await audit(other);
      expect(!found.length, `${path || "My book"}: ${found}`);
    }
    await look("cohorts");
    await other.locator("td.cell button").first().click();
    expect(/may see personal data/.test(await other.locator("main").innerText()), "a viewer is not told why a cell opens nobody");
    await look("setup/plugins");
    const tabs = await other.locator(".tabs a").allInnerTexts();
    expect(!tabs.some((tab) => /Keys|Members|Privacy|Audit/.test(tab)), `a viewer is offered ${tabs}`);
    expect((await other.locator('main button[type="submit"]').count()) === 0, "a viewer is offered a form");
    expect(/may not see/.test(await look("setup/keys")), "a viewer is not told why there is nothing");
    expect(!errors.length, errors.join(" "));
    await context.close();
  },
};

/** Where a run computed days, the page says that there are new numbers; refreshing asks for them, and says it no more. */
const newNumbers = {
  name: "new-numbers",
  async play({ page, found, expect, url, settle }) {
    let told = 0;
    const run = { data: { runFinished: { state: "SUCCEEDED", valuesWritten: 3 } } };
    await page.route(/graphql\?documentId=/, (route) => ((told += 1), route.fulfill({ contentType: "text/event-stream", body: `event: next\ndata: ${JSON.stringify(run)}\n\n` })));
    await page.goto(`${url}/app/`);
    await page.waitForSelector(".switches .fresh");
    expect((await page.locator(".switches .fresh").innerText()).includes("New numbers"), "the mark does not say what it marks");
    await settle();
    await page.unroute(/graphql\?documentId=/);
    await page.route(/graphql\?documentId=/, (route) => route.abort());
    const before = found.asked;
    await page.click(".switches .fresh");
    await page.waitForFunction(() => !document.querySelector(".switches .fresh"));
    await settle();
    expect(found.asked > before, "refreshing asks for nothing");
    expect(told > 0, "nobody listened");
  },
};

/** Whatever the views link to is there: each kind of address is followed once or twice. */
const linksLead = {
  name: "links-lead-somewhere",
  async play({ page, expect, url, settle }) {
    const kinds = new Map();
    const seen = async () => {
      for (const href of await page.locator("main a[href], nav a[href]").evaluateAll((all) => all.map((one) => one.href))) {
        const { origin, pathname, searchParams } = new URL(href);
        if (!href.startsWith(url) || origin !== new URL(url).origin) continue;
        const kind = pathname.replace(/accounts\/[^/]+/, "accounts/…").replace(/metrics\/[^/]+/, "metrics/…").replace(/plugins\/[^/]+/, "plugins/…") + [...searchParams.keys()];
        if ((kinds.get(kind)?.length ?? 0) < 2 && !kinds.get(kind)?.includes(href)) kinds.set(kind, [...(kinds.get(kind) ?? []), href]);
      }
    };
    for (const path of ["", `accounts/${SLIPPING.acme}`, `accounts/${SLIPPING.acme}/why`, "signals", "tasks", "moved", "metrics", "surveys", "cohorts", "adoption", "data", "setup/check", "setup/plugins", "setup/goals"]) {
      await page.goto(`${url}/app/${path}`);
      await settle();
      await seen();
    }
    for (const href of [...kinds.values()].flat()) {
      const answer = await page.goto(href);
      expect(answer.status() === 200, `${href} answers ${answer.status()}`);
      if (!new URL(href).pathname.startsWith("/app/")) continue;
      await settle();
      const text = await page.locator("main").innerText();
      expect(text.length > 30 && !/There is no (view|metric|account|plugin)/.test(text), `${href} leads nowhere: ${text.slice(0, 80)}`);
      expect((await page.locator('[role="alert"]').count()) === 0, `${href} says: ${await page.locator('[role="alert"]').allInnerTexts()}`);
    }
    console.log(`    ${[...kinds.values()].flat().length} links of ${kinds.size} kinds were followed`);
  },
};

/** What a playbook sent about an account stands in its timeline: to whom, what it said, and that it was sent. */
const sentTold = {
  name: "account-tells-what-was-sent",
  async play({ page, expect, url, settle }) {
    const line = page.locator(".timeline li", { hasText: "Corvus Security needs a call" });
    const until = Date.now() + 2 * PATIENCE_MS;
    do { // it goes out once the server has come to it
      await page.goto(`${url}/app/accounts/${SLIPPING.acme}`);
      await settle();
    } while (Date.now() < until && !/sent$/.test((await line.count()) ? await line.innerText() : ""));
    const said = (await line.innerText()).replace(/\s+/g, " ");
    expect(/playbook Call whose health is poor to Customer success “?Corvus Security needs a call”? sent$/.test(said), `the timeline says: ${said}`);
    await page.click('.switches button[lang="ko"]');
    await page.waitForFunction(() => document.documentElement.lang === "ko");
    await settle();
    expect(/플레이북.*전송됨$/s.test(await line.innerText()), "it is not said in Korean");
  },
};

/** The queue says why of each signal that it holds; the demo has some once its rules were judged. */
const signalsSayWhy = {
  name: "signals-say-why",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/signals?show=all`);
    await settle();
    const table = page.locator('[aria-label$="Signals"] table.data');
    for (const row of (await table.count()) ? await table.locator("tbody tr").all() : [])
      expect((await row.locator("td .words").first().innerText()).length > 3, "a signal does not say why");
  },
};

/** Customers come first; whoever wants the others chooses so, and sees more rows. */
const bookOfCustomers = {
  name: "book-of-customers",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    const customers = await page.locator("tbody tr").count();
    expect((await page.locator('select[aria-label="Stage"]').inputValue()) === "CUSTOMER", "the filter does not say which stage is shown");
    await page.selectOption('select[aria-label="Stage"]', "ANY");
    await page.waitForURL(/stage=ANY/);
    await settle();
    await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length > count, customers);
  },
};

const VIEWS = {
  book: ["", ["tbody tr", "svg.spark", ".band"]],
  account: ["accounts/ACCOUNT", [".chart path.line", "dl.facts", ".timeline li", ".stack .tile ~ .tile tbody tr"], 2], // who asks, and all of the account
  why: ["accounts/ACCOUNT/why", [".waterfall", ".sentence", "dl.card"]],
  metrics: ["metrics", ["tbody tr", "svg.spark"]],
  metric: ["metrics/nps.score", [".chart path.line", ".figure-big", "dl.card"]],
  cohorts: ["cohorts", ["table.cohorts tbody tr", "table.cohorts tfoot td", "td.cell"]],
  surveys: ["surveys", [".chart path.line", ".figure-big", "svg.shares"]],
  moved: ["moved", ["h1", ".tile"]],
  adoption: ["adoption", ["table.cohorts tbody tr", ".funnel li", "svg.lifecycle"]],
  signals: ["signals", ["h1"]],
  tasks: ["tasks", ["h1"]],
  data: ["data", ["tbody tr"]],
  "data-ages": ["data/ages", ["tbody tr"]],
  live: ["data/live", [".tile .state", '[aria-label="Sources"] tbody tr']],
  setup: ["setup", [".checklist li", ".tabs a[aria-current]"]],
  "setup-plugins": ["setup/plugins", ["tbody tr"]],
  "setup-plugin": ["setup/plugins/health_score", ["form fieldset", "input[type=number]"]],
  "setup-events": ["setup/events", ["tbody tr"]],
  "setup-segments": ["setup/segments", [".builder .conditions li"]],
  "setup-rules": ["setup/rules", ["tbody tr"]],
  "setup-playbooks": ["setup/playbooks", ["tbody tr", ".checklist li"]],
  "setup-channels": ["setup/channels", ["form"]],
  "setup-surveys": ["setup/surveys", [".tile button.primary", "tbody tr"]],
  "setup-reports": ["setup/reports", ["form"]],
  "setup-goals": ["setup/goals", ["form"]],
  "setup-keys": ["setup/keys", ["tbody tr", "form"]],
  "setup-members": ["setup/members", ["form"]],
  "setup-privacy": ["setup/privacy", ["form"]],
  "setup-log": ["setup/log", ["tbody tr"]],
};

export const scenes = [
  ...Object.entries(VIEWS).map(([name, [path, wants, most]]) => view(name, path, { wants, most })),
  ...["book", "account", "why", "cohorts", "surveys"].map((name) => inKorean(name, VIEWS[name][0], { wants: VIEWS[name][1] })),
  configured,
  segmentBuilt,
  ruleMade,
  playbookMade,
  ...making,
  ...keeping,
  newcomer,
  cellOpened,
  bookOfCustomers,
  bookOfThousand,
  newNumbers,
  linksLead,
  viewerSeesNoPersons,
  sentTold,
  signalsSayWhy,
  filtered,
  unavailable,
  patient,
  sessionEnds,
  twoTenants,
  switched,
  byKeyboard,
];
