// What is kept by forms that write at once: goals, keys with an event that is followed, members, the dictionary, privacy.
import { PATIENCE_MS } from "./browser.mjs";

const rowOf = (page, name) => page.locator("tbody tr", { hasText: name });

const goalSet = {
  name: "setup-goal-set",
  async play({ page, expect, url, settle }) {
    const name = `Half in use ${Date.now()}`;
    await page.goto(`${url}/app/setup/goals`);
    await settle();
    const form = page.getByRole("form", { name: "Set a goal" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Metric").selectOption("license_utilization.utilization");
    await form.getByLabel("Target").fill("50");
    await form.getByRole("button", { name: "Set a goal" }).click();
    await rowOf(page, name).waitFor();
    expect((await rowOf(page, name).innerText()).includes("50"), "the goal does not say its target");
    await rowOf(page, name).getByRole("button").click();
    await rowOf(page, name).waitFor({ state: "detached" });
  },
};

/** What a change by a control of a row is answered. */
const answered = (page) => page.waitForResponse((one) => one.url().endsWith("/graphql") && one.request().method() === "POST");

/** A key is made, an event and one that cannot be read are sent with it; both are seen, the event's name gets a meaning, and
 * the key is revoked. */
const eventFollowed = {
  name: "live-event-followed",
  async play({ page, expect, url, settle }) {
    const name = `Walk ${Date.now()}`;
    await page.goto(`${url}/app/setup/keys`);
    await settle();
    const form = page.getByRole("form", { name: "Make a key" });
    await form.getByLabel("Name").fill(name);
    await form.getByRole("button", { name: "Make a key" }).click();
    const key = await form.locator(".secret").innerText();
    await page.goto(`${url}/app/data/live`);
    await page.waitForFunction(() => document.querySelector(".tile .state")?.textContent.includes("live"));
    // What comes before the server listens is not told: sent again until it is seen, each time as another event.
    const seen = page.locator('ul[role="log"] li', { hasText: name }).first();
    const send = (body) => fetch(`${url}/v1/track`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify(body) });
    const until = Date.now() + PATIENCE_MS;
    for (let count = 0; Date.now() < until && !(await seen.isVisible()); count += 1) {
      const answer = await send({ event: name, userId: "walker", messageId: `${name} ${count}`, timestamp: new Date().toISOString() });
      expect(answer.ok, `the event is answered ${answer.status}`);
      await page.waitForTimeout(1_000);
    }
    expect(await seen.isVisible(), "the event is not told while it comes in");
    await send({ userId: "walker", messageId: `${name} nameless` });
    await page.click(".switches button:first-child");
    await page.locator('[aria-label$="Not taken in, and why"] tbody tr').first().waitFor();
    await page.goto(`${url}/app/setup/events?search=${encodeURIComponent(name)}`);
    const box = page.getByLabel(`${name} is a key event`);
    await Promise.all([answered(page), box.click()]);
    await page.reload();
    await settle();
    expect(await box.isChecked(), "what the event means was not kept");
    await page.goto(`${url}/app/setup/keys`);
    await rowOf(page, name).getByRole("button", { name: `Revoke key ${name}` }).click();
    await rowOf(page, name).locator("text=revoked").waitFor();
    const late = Date.now() + PATIENCE_MS; // other processes learn of it within seconds
    let status = 200;
    while (Date.now() < late && status === 200) {
      await page.waitForTimeout(1_000);
      ({ status } = await send({ event: name, userId: "walker", messageId: `${name} late ${Date.now()}` }));
    }
    expect(status === 401, `a key that is revoked is answered ${status}`);
  },
};

const memberInvited = {
  name: "setup-member-invited",
  async play({ page, expect, url, settle }) {
    const email = `walker-${Date.now()}@example.com`;
    await page.goto(`${url}/app/setup/members`);
    await settle();
    const form = page.getByRole("form", { name: "Invite" });
    await form.getByLabel("E-mail").fill(email);
    await form.getByRole("button", { name: "Invite" }).click();
    const row = rowOf(page, email);
    await row.waitFor();
    await Promise.all([answered(page), row.getByLabel(`Role of ${email}`).selectOption("ANALYST")]);
    await page.reload();
    await settle();
    expect((await row.getByLabel(`Role of ${email}`).inputValue()) === "ANALYST", "the role was not kept");
    await row.getByRole("button", { name: `Remove ${email}` }).click();
    await row.waitFor({ state: "detached" });
  },
};

/** Erasing takes a second word; a person whom nobody knows can be left alone all the same. */
const leftAlone = {
  name: "setup-person-left-alone",
  async play({ page, expect, url, settle }) {
    await page.goto(`${url}/app/setup/privacy`);
    await settle();
    const form = page.getByRole("form", { name: "A new request" });
    await form.getByLabel("Person (user id)").fill(`nobody-${Date.now()}`);
    await form.getByLabel("Request").selectOption("ERASE");
    expect(await form.getByRole("button", { name: "Send" }).isDisabled(), "somebody can be erased without a second word");
    await form.getByLabel("Request").selectOption("SUPPRESS");
    await form.getByRole("button", { name: "Send" }).click();
    await page.locator("text=Taken in.").waitFor();
    await page.locator('[aria-label="Privacy requests"] tbody tr').first().waitFor();
    await page.goto(`${url}/app/setup/log`);
    await settle();
    expect(/suppress/.test(await page.locator("main").innerText()), "the audit log does not tell it");
  },
};

export const keeping = [goalSet, eventFollowed, memberInvited, leftAlone];
