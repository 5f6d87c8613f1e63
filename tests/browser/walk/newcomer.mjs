// As somebody would who has never seen it: why the worst account is red, and which setting would change that.

/** Clicks alone lead from the address to the setting; how many there are is what docs/dashboard.md says. */
const MOST_CLICKS = 5;

export const newcomer = {
  name: "newcomer",
  whole: true,
  async play({ page, expect, look, url, settle }) {
    let clicks = 0;
    const click = async (locator) => {
      clicks += 1;
      await locator.click();
    };
    await page.goto(`${url}/app/`);
    await settle();
    const row = page.locator("tbody tr").first();
    const account = await row.locator("th a").innerText();
    expect((await row.locator(".words").innerText()).length > 3, "the first row does not say its first reason");
    await click(row.locator("th a"));
    await page.waitForURL(/\/accounts\//);
    await settle();
    expect((await page.locator("h1").innerText()) === account, "the first row leads to another account");
    await click(page.locator(".figures a"));
    await page.waitForURL(/\/why/);
    await page.waitForSelector(".waterfall");
    await settle();
    expect((await page.locator(".sentence").innerText()).length > 20, "no sentence says why");
    await click(page.locator(".waterfall summary").first());
    expect(await page.locator(".waterfall .inputs").first().isVisible(), "a bar opens no inputs");
    expect((await page.locator('.waterfall .inputs a[href*="/why?metric="]').count()) > 0, "no bar leads to its own why");
    await look("-why");
    await addsUp(page, expect);
    await click(page.locator("main a", { hasText: "Change how it is calculated" }));
    await page.waitForURL(/\/setup\/plugins\//);
    await settle();
    const edge = page.getByLabel("Green from");
    await edge.first().fill(String(Number(await edge.first().inputValue()) - 20));
    await click(page.getByRole("button", { name: "See the effect" }));
    await page.waitForSelector(".effect .part");
    expect((await page.locator(".effect tbody tr").count()) > 0, "the effect names nobody");
    console.log(`    ${clicks} clicks from the address to whom another setting would change`);
    expect(clicks <= MOST_CLICKS, `${clicks} clicks`);
  },
};

/** The bars of the waterfall, as its table has them, add up to the change. */
async function addsUp(page, expect) {
  const tools = page.locator(".figure-tools button").first();
  await tools.click();
  const changes = (await page.locator(".figure tbody tr td:nth-child(3)").allInnerTexts()).map((text) => Number(text.replace(",", "")));
  const whole = changes.pop();
  const causes = changes.slice(1).reduce((sum, one) => sum + one, 0);
  expect(Math.abs(causes - whole) < 0.05 * (changes.length + 1), `the bars add up to ${causes}, the change is ${whole}`);
  await tools.click();
}

/** A cell of the cohorts opens its persons; those who did not come back are the others of it. */
export const cellOpened = {
  name: "cohorts-cell",
  whole: true,
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/cohorts`);
    await settle();
    const cell = page.locator("td.cell:not(.hatched) button").first();
    await cell.click();
    const tile = page.getByRole("region", { name: "Who they are", exact: true });
    await tile.waitFor();
    await settle();
    const facts = await page.locator("section.note dd").allInnerTexts();
    const retained = Number(facts[0].split(" ")[0].replace(/\D/g, ""));
    const said = async () => {
      const more = await tile.locator(".pages").allInnerTexts();
      return more.length ? Number(more[0].replace(/\D/g, "")) : tile.locator("tbody tr").count();
    };
    expect((await said()) === retained, `${await said()} are listed, ${retained} came back`);
    await tile.locator("select").selectOption("all");
    await page.waitForFunction(() => document.querySelectorAll('[aria-label="Who they are"] tbody tr').length > 0);
    await settle();
    expect((await said()) === Number(facts[3].replace(/\D/g, "")), `${await said()} are listed, ${facts[3]} are in the cohort`);
  },
};
