// A page of Debian's Chromium that notes whatever goes wrong on it, signs in, and is held against axe-core.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Of one wait: what is waited for is a state, and a busy machine may need its time. Who changes this sees no scene pass sooner.
export const PATIENCE_MS = 90_000;

export async function launch(executablePath) {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** A context of its own cookies (those of `state` at first), in a language and a scheme of colours. */
export async function open(browser, { locale = "en-GB", colorScheme = "light", width = 1440, height = 900 } = {}, state = undefined) {
  const context = await browser.newContext({ locale, colorScheme, reducedMotion: "reduce", viewport: { width, height }, storageState: state });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const found = { violations: [], errors: [], asked: 0 };
  await page.addInitScript(() => {
    globalThis.cspViolations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      globalThis.cspViolations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
    );
  });
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) found.violations.push(message.text());
  });
  page.on("pageerror", (error) => found.errors.push(String(error)));
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    const isQuery = request.method() === "POST" || (searchParams.has("documentId") && request.resourceType() !== "eventsource");
    if (pathname.endsWith("/graphql") && isQuery) found.asked += 1;
  });
  return { context, page, found };
}

export async function signIn(page, { url, email, password }, { to = "/" } = {}) {
  await page.goto(url + to);
  await fillIn(page, { email, password });
}

export async function fillIn(page, { email, password }) {
  await page.fill('input[type="email"], input[name="login"]', email);
  await page.fill('input[type="password"]', password);
  await Promise.all([page.waitForURL((address) => !address.pathname.includes("/people/sign-in")), page.click('button[type="submit"]')]);
}

/** The cookies of somebody who signed in and chose the company: once for all scenes, since a password takes its time. */
export async function signedIn(browser, asked, tenant) {
  const { context, page } = await open(browser);
  await signIn(page, asked, { to: "/app/" });
  await page.locator(`button[value="${tenant}"]`).click();
  await page.waitForURL((address) => address.pathname.startsWith("/app/"));
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Waits until nothing on the page is being loaded any more. */
export async function settle(page) {
  await page.waitForSelector("main");
  // A tile that asks for what another answer told begins after it: once all are quiet they have to stay so.
  do {
    await page.waitForFunction(isQuiet, null, { timeout: PATIENCE_MS });
    await page.waitForTimeout(200);
  } while (!(await page.evaluate(isQuiet)));
}

const isQuiet = () => !document.querySelector('main [aria-busy="true"]');

/** What axe-core finds on the page, as `rule: where`. */
export async function audit(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`));
}

export async function violations(page, found) {
  return [...found.violations, ...(await page.evaluate(() => globalThis.cspViolations ?? []))];
}
