// What is walked: each view in light and dark, in both languages, wide and narrow, and what goes wrong.
import { fillIn, PATIENCE_MS } from "./browser.mjs";
import { making } from "./making.mjs";

const MOST_REQUESTS = 3; // of a view, to the API

// Of each of the demo's companies the account whose people stop coming: something is to be told of it.
const SLIPPING = { acme: "corvus-security", globex: "carver-dairy" };

/** A view that is opened by its address, looked at, and held to its number of requests. */
function view(name, path, { wants, as = {}, tenant, whole } = {}) {
  return {
    name,
    as,
    tenant,
    whole,
    async play({ page, found, expect, url, settle }) {
      const before = found.asked;
      await page.goto(`${url}/app/${path.replace("ACCOUNT", SLIPPING[tenant ?? "acme"])}`);
      await settle();
      expect(found.asked - before <= MOST_REQUESTS, `${found.asked - before} requests, at most ${MOST_REQUESTS} are allowed`);
      expect((await page.locator('[role="alert"]').count()) === 0, `a tile says: ${await page.locator('[role="alert"]').allInnerTexts()}`);
      for (const selector of wants) expect((await page.locator(selector).count()) > 0, `there is no ${selector}`);
    },
  };
}

/** The same view light, dark, in Korean and on a telephone. */
function everyway(name, path, { wants }) {
  return [
    view(name, path, { wants }),
    view(`${name}-dark`, path, { wants, as: { colorScheme: "dark" } }),
    view(`${name}-ko`, path, { wants, as: { locale: "ko-KR" }, tenant: "globex" }),
    view(`${name}-narrow`, path, { wants, as: { width: 390, height: 844 } }),
  ];
}

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
    await beside.waitForSelector("tbody th");
    const theirs = await names(beside);
    await other.close();
    expect(ours.length > 20 && theirs.length > 20, "one of the two sees nothing");
    expect(!ours.some((name) => theirs.includes(name)), "one tenant sees accounts of the other");
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

/** As somebody new would: from the table to the account, to why it changed, to the inputs of the largest cause. */
const bookToInputs = {
  name: "book-account-why-inputs",
  whole: true,
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/`);
    await settle();
    const account = await page.locator("tbody th a").first().innerText();
    await page.locator("tbody th a").first().click();
    await page.waitForURL(/\/accounts\//);
    await settle();
    expect((await page.locator("h1").innerText()) === account, "the first row leads to another account");
    await page.locator(".figures a").click();
    await page.waitForURL(/\/why/);
    await page.waitForSelector(".waterfall");
    await settle();
    await page.locator(".waterfall summary").first().click();
    expect(await page.locator(".waterfall .inputs").first().isVisible(), "a bar opens no inputs");
    expect((await page.locator('.waterfall .inputs a[href*="/why?metric="]').count()) > 0, "no bar leads to its own why");
    await page.locator(".figure-tools button").first().click();
    const changes = (await page.locator(".figure tbody tr td:nth-child(3)").allInnerTexts()).map((text) => Number(text.replace(",", "")));
    const whole = changes.pop();
    const causes = changes.slice(1).reduce((sum, one) => sum + one, 0);
    expect(Math.abs(causes - whole) < 0.05 * (changes.length + 1), `the bars add up to ${causes}, the change is ${whole}`);
    await page.locator(".figure-tools button").first().click();
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
    const persons = [...new Set(await page.locator(".timeline q ~ .faint").allInnerTexts())].map((name) => name.trim());
    const said = (await page.locator(".timeline q").allInnerTexts()).map((text) => text.slice(0, 25));
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
    await look("setup/plugins");
    const tabs = await other.locator(".tabs a").allInnerTexts();
    expect(!tabs.some((tab) => /Keys|Members|Privacy|Audit/.test(tab)), `a viewer is offered ${tabs}`);
    expect((await other.locator('main button[type="submit"]').count()) === 0, "a viewer is offered a form");
    expect(/may not see/.test(await look("setup/keys")), "a viewer is not told why there is nothing");
    expect(!errors.length, errors.join(" "));
    await context.close();
  },
};

/** A page of 200 rows of a company of 1,000: what the browser itself needs of the time, which the server's answer does not count to. */
const thousandAccounts = {
  name: "book-of-thousand",
  async play({ page, expect, url, settle }) {
    await page.addInitScript(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({ type: "longtask", buffered: true });
    });
    await page.goto(`${url}/app/`);
    await settle();
    let answered = 0;
    await page.route("**/graphql", async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      const edges = body.data?.accounts?.edges;
      if (edges?.length) {
        body.data.accounts.edges = Array.from({ length: 200 }, (_, at) => ({ node: { ...edges[at % edges.length].node, externalId: `a${at}`, name: `Account ${at}` } }));
        body.data.accounts.totalCount = 1_000;
        body.data.accounts.pageInfo = { hasNextPage: true, endCursor: "x" };
        answered = performance.now();
      }
      await route.fulfill({ response: answer, json: body });
    });
    await page.goto(`${url}/app/`);
    await page.waitForSelector("tbody tr");
    const drawn = Math.round(performance.now() - answered);
    await settle();
    const timing = await page.evaluate(() => ({ tasks: globalThis.longTasks, api: performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/graphql")).map((one) => [Math.round(one.startTime), Math.round(one.responseEnd)]) }));
    const before = await page.locator("tbody tr").count();
    for (let turn = 0; turn < 8 && (await page.locator("tbody tr").count()) < 200; turn += 1) {
      await page.mouse.wheel(0, 4_000);
      await page.waitForTimeout(150);
    }
    const rows = await page.locator("tbody tr").count();
    const tasks = await page.evaluate(() => globalThis.longTasks);
    console.log(`    first row ${drawn} ms after the answer; requests from and to (ms) ${JSON.stringify(timing.api)}; longest task ${Math.max(0, ...timing.tasks)} ms, with scrolling ${Math.max(0, ...tasks)} ms; rows ${before}, scrolled ${rows}`);
    expect(rows === 200, `scrolling shows ${rows} rows`);
    expect(/200 of 1,?000/.test(await page.locator(".pages").innerText()), "it is not said that there are more");
    expect(timing.api.length <= 2 && timing.api.every(([from]) => timing.api.every(([, to]) => from < to)), `one request waits for another: ${JSON.stringify(timing.api)}`);
    await page.unroute("**/graphql");
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

/** Not held to a bar, since machines differ: how long until the first row, beside GraphiQL's page in the same run. */
const speed = {
  name: "speed",
  async play({ page, url, settle }) {
    const until = async (path, selector) => {
      const began = performance.now();
      await page.goto(`${url}${path}`);
      await page.waitForSelector(selector);
      return Math.round(performance.now() - began);
    };
    await page.addInitScript(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({ type: "longtask", buffered: true });
    });
    await until("/app/", "tbody tr"); // so that the server is warm and the files are kept
    const book = await until("/app/", "tbody tr");
    await settle();
    const tasks = await page.evaluate(() => globalThis.longTasks);
    const graphiql = await until("/graphql", ".graphiql-container");
    console.log(`    first row of My book ${book} ms, GraphiQL's page ${graphiql} ms; longest task of My book ${Math.max(0, ...tasks)} ms`);
    await page.goto(`${url}/app/`);
    await settle();
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

export const scenes = [
  ...everyway("book", "", { wants: ["tbody tr", "svg.spark", ".band"] }),
  ...everyway("account", "accounts/ACCOUNT", { wants: [".chart path.line", "dl.facts", ".timeline li"] }),
  ...everyway("why", "accounts/ACCOUNT/why", { wants: [".waterfall", ".sentence", "dl.card"] }),
  ...everyway("metrics", "metrics", { wants: ["tbody tr", "svg.spark"] }),
  ...everyway("cohorts", "cohorts", { wants: ["table.cohorts tbody tr", "table.cohorts tfoot td", "td.cell"] }),
  ...everyway("surveys", "surveys", { wants: [".chart path.line", ".figure-big", "svg.shares"] }),
  ...everyway("moved", "moved", { wants: ["h1", ".tile"] }),
  ...everyway("adoption", "adoption", { wants: ["table.cohorts tbody tr", ".funnel li", "svg.lifecycle"] }),
  ...everyway("signals", "signals", { wants: ["h1"] }),
  ...everyway("tasks", "tasks", { wants: ["h1"] }),
  ...everyway("data", "data", { wants: ["tbody tr"] }),
  view("data-ages", "data/ages", { wants: ["tbody tr"] }),
  ...everyway("live", "data/live", { wants: [".tile .state"] }),
  ...everyway("setup", "setup", { wants: [".checklist li", ".tabs a[aria-current]"] }),
  ...everyway("setup-plugins", "setup/plugins", { wants: ["tbody tr"] }),
  ...everyway("setup-plugin", "setup/plugins/health_score", { wants: ["form fieldset", "input[type=number]"] }),
  ...everyway("setup-events", "setup/events", { wants: ["tbody tr"] }),
  ...everyway("setup-segments", "setup/segments", { wants: [".builder .conditions li"] }),
  ...everyway("setup-rules", "setup/rules", { wants: ["tbody tr"] }),
  ...everyway("setup-playbooks", "setup/playbooks", { wants: ["tbody tr", ".checklist li"] }),
  ...everyway("setup-channels", "setup/channels", { wants: ["form"] }),
  ...everyway("setup-surveys", "setup/surveys", { wants: [".tile button.primary"] }),
  ...everyway("setup-reports", "setup/reports", { wants: ["form"] }),
  view("setup-goals", "setup/goals", { wants: ["form"] }),
  view("setup-keys", "setup/keys", { wants: ["tbody tr", "form"] }),
  view("setup-members", "setup/members", { wants: ["form"] }),
  view("setup-privacy", "setup/privacy", { wants: ["form"] }),
  view("setup-log", "setup/log", { wants: ["tbody tr"] }),
  configured,
  segmentBuilt,
  ruleMade,
  playbookMade,
  ...making,
  ...everyway("metric", "metrics/nps.score", { wants: [".chart path.line", ".figure-big", "dl.card"] }),
  bookToInputs,
  bookOfCustomers,
  thousandAccounts,
  newNumbers,
  linksLead,
  viewerSeesNoPersons,
  signalsSayWhy,
  filtered,
  unavailable,
  patient,
  sessionEnds,
  twoTenants,
  byKeyboard,
  speed,
];
