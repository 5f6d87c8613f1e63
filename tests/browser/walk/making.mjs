// What is made by its form, shown, and ended again: channels, surveys, reports, what is shared, and playbooks with branches.
import { PATIENCE_MS } from "./browser.mjs";

/** Ends a row's thing once its consequence is agreed to. */
async function ended(row, label, yes) {
  await row.getByRole("button", { name: label }).click();
  await row.getByRole("button", { name: yes }).click();
  await row.waitFor({ state: "detached" });
}

const rowOf = (page, name) => page.locator("tbody tr", { hasText: name });

const channelMade = {
  name: "setup-channel-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `CRM ${Date.now()}`;
    await page.goto(`${url}/app/setup/channels`);
    await settle();
    const form = page.getByRole("form", { name: "Make a channel" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Address (https)").fill("https://hooks.example.com/engage");
    await form.getByRole("button", { name: "Make a channel" }).click();
    await form.locator(".secret").waitFor();
    await rowOf(page, name).waitFor();
    expect((await rowOf(page, name).innerText()).includes("hooks.example.com"), "it is not said whither the channel leads");
    await ended(rowOf(page, name), `End channel ${name}`, "Yes, end");
  },
};

const surveyMade = {
  name: "setup-survey-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `How easy ${Date.now()}`;
    await page.goto(`${url}/app/setup/surveys`);
    await settle();
    await page.getByRole("button", { name: "A new survey" }).click();
    const form = page.locator("form.builder");
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Asks").selectOption("CES_2");
    await form.getByRole("button", { name: "Save the survey" }).click();
    const row = rowOf(page, name);
    await row.waitFor();
    expect((await row.innerText()).includes("ces_2"), "it is not said how answers are kept");
    await row.getByRole("button", { name: `Change survey ${name}` }).click();
    await form.getByLabel("Question, in English").fill("How easy was it today?");
    await form.getByRole("button", { name: "Save as the next version" }).click();
    await row.locator("text=How easy was it today?").waitFor();
    await row.getByRole("button", { name: `A wave of survey ${name}` }).click();
    expect(/A wave needs|How many would be asked/.test(await page.locator("section.builder").innerText()), "a wave does not say what it needs");
    await page.locator("section.builder").getByRole("button", { name: "Leave it" }).click();
    await ended(row, `End survey ${name}`, "Yes, end");
  },
};

const reportMade = {
  name: "setup-report-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `Monday ${Date.now()}`;
    await page.goto(`${url}/app/setup/reports`);
    await settle();
    const form = page.getByRole("form", { name: "Define a report" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Metrics, the leading one first").selectOption("health_score.score");
    await form.getByRole("button", { name: "Define a report" }).click();
    const row = rowOf(page, name);
    await row.waitFor();
    await row.getByRole("button", { name: `Show report ${name}` }).click();
    await page.locator("main pre").waitFor();
    expect((await page.locator("main pre").innerText()).length > 200, "the report says next to nothing");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the page" }).click()]);
    expect(download.suggestedFilename() === `${name}.html`, `the page is called ${download.suggestedFilename()}`);
    await ended(row, `End report ${name}`, "Yes, end");
  },
};

/** An account's own page is shared, opened by somebody without a sign-in, and revoked. */
const pageShared = {
  name: "setup-page-shared",
  async play({ page, expect, url, settle, browser }) {
    const name = `Their page ${Date.now()}`;
    await page.goto(`${url}/app/setup/reports`);
    await settle();
    const form = page.getByRole("form", { name: "Share", exact: true });
    await form.getByLabel("Name", { exact: true }).fill(name);
    await form.getByLabel(/^Account/).fill("corvus-security");
    await form.getByLabel("Metrics, the leading one first").selectOption("health_score.score");
    await form.locator('button[type="submit"]:not([disabled])').click();
    const address = await form.locator("a.secret").innerText();
    const stranger = await browser.newContext();
    stranger.setDefaultTimeout(PATIENCE_MS);
    const theirs = await stranger.newPage();
    expect((await theirs.goto(address)).status() === 200, "the address shows nothing");
    await ended(rowOf(page, name), `Revoke share ${name}`, "Yes, revoke");
    expect((await theirs.goto(address)).status() === 404, "the address still shows something");
    await stranger.close();
  },
};

/** A branch is built by clicking, with steps on either way. */
const branchMade = {
  name: "setup-branch-made",
  whole: true,
  async play({ page, expect, url, settle }) {
    const name = `Either way ${Date.now()}`;
    await page.goto(`${url}/app/setup/playbooks`);
    await settle();
    await page.getByRole("button", { name: "A new playbook" }).click();
    const form = page.locator("form.builder");
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Step 1", { exact: true }).selectOption("branch");
    await form.getByRole("button", { name: "Add a step (1a.)" }).click();
    await form.getByLabel("Step 1a.1", { exact: true }).selectOption("task");
    await form.getByLabel("Subject", { exact: true }).fill("Call them");
    await form.getByRole("button", { name: "Add a step (1b.)" }).click();
    await form.getByRole("button", { name: "Save, switched off" }).click();
    const row = rowOf(page, name);
    await row.waitFor();
    expect((await row.innerText()).includes("else Wait"), "the branch does not say its two ways");
    await ended(row, `End playbook ${name}`, "Yes, end");
  },
};

export const making = [channelMade, surveyMade, reportMade, pageShared, branchMade];
