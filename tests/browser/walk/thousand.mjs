// My book of a company with 1,000 stored accounts: what is drawn, and how long it takes beside GraphiQL's page in the same run.
import { fillIn } from "./browser.mjs";

/** In the page: when the first of what is waited for was there, and how long tasks were, in ms since navigation. */
function watch(selector) {
  globalThis.seen = { tasks: [], first: null };
  new PerformanceObserver((list) => globalThis.seen.tasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({ type: "longtask", buffered: true });
  const look = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    globalThis.seen.first = Math.round(performance.now());
    look.disconnect();
  });
  look.observe(document, { childList: true, subtree: true });
}

// Until the browser has put away what was closed before, and the server what was asked.
const IDLE_MS = 2_000;
const longest = (tasks) => Math.max(0, ...tasks);

/** Milliseconds until a page shows something, in a page of its own whose browser has the files. */
async function until(page, address, selector) {
  const other = await page.context().newPage();
  await other.waitForTimeout(IDLE_MS);
  await other.addInitScript(watch, selector);
  await other.goto(address);
  await other.waitForFunction(() => globalThis.seen.first !== null);
  const { first } = await other.evaluate(() => globalThis.seen);
  const asked = await other.evaluate(() => performance.getEntriesByType("resource").filter((one) => new URL(one.name).pathname.endsWith("/graphql")).map((one) => ["startTime", "responseStart", "responseEnd"].map((key) => Math.round(one[key]))));
  return { other, first, asked };
}

/** Figures are printed and not held to a bar, since machines differ; what is asked and drawn is. */
export const bookOfThousand = {
  name: "book-of-thousand",
  person: true,
  async play({ page, found, expect, url, settle, person }) {
    await page.goto(`${url}/`);
    await fillIn(page, person.large);
    await page.waitForSelector("tbody tr");
    const book = `${url}/app/?stage=ANY`;
    await page.goto(book);
    await settle();
    expect(/200 of 1,?000/.test(await page.locator(".pages").innerText()), `it is not said that there are more: ${await page.locator(".pages").innerText()}`);
    const firsts = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { other, first, asked } = await until(page, book, "tbody tr");
      await other.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'));
      const before = await other.locator("tbody tr").count();
      for (let step = 0; step < 60 && (await other.locator("tbody tr").count()) < 200; step += 1) {
        await other.locator("tbody tr").last().scrollIntoViewIfNeeded();
        await other.mouse.wheel(0, 2_000);
        await other.waitForTimeout(100);
      }
      const rows = await other.locator("tbody tr").count();
      const { tasks } = await other.evaluate(() => globalThis.seen);
      const graphiql = await until(page, `${url}/graphql`, ".graphiql-container");
      firsts.push(first);
      console.log(`    first row ${first} ms after navigation, GraphiQL's page ${graphiql.first} ms; requests (sent, first byte, last byte) ${JSON.stringify(asked)}; rows ${before}, scrolled ${rows}; longest task ${longest(tasks)} ms`);
      expect(rows === 200, `scrolling shows ${rows} rows`);
      await other.close();
      await graphiql.other.close();
    }
    console.log(`    median ${firsts.sort((one, other) => one - other)[1]} ms until the first row of 1,000 accounts`);
    const before = found.asked;
    await page.goto(book);
    await settle();
    expect(found.asked - before <= 3, `${found.asked - before} requests`);
    const first = await page.locator("tbody th").first().innerText();
    await page.locator(".pages button", { hasText: "Next page" }).click();
    await page.waitForURL(/after=/);
    await page.waitForFunction((name) => document.querySelector("tbody th")?.textContent !== name, first);
    await settle();
  },
};
