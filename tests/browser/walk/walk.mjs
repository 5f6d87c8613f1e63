// Goes through every view as a person would. Each scene prints one line; the last line counts what passed and failed.
import { readFileSync } from "node:fs";
import { audit, launch, open, settle, signedIn, violations } from "./browser.mjs";
import { scenes } from "./scenes.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await launch(asked.chromium);
const states = {};
const stateOf = async (tenant) => (states[tenant] ??= await signedIn(browser, asked, tenant));
let [passed, failed] = [0, 0];

for (const scene of scenes.filter(({ name }) => asked.only.split(",").some((part) => name.includes(part)))) {
  const began = performance.now();
  const problems = [];
  const expect = (isSo, otherwise) => isSo || problems.push(otherwise);
  const { context, page, found } = await open(browser, scene.as, scene.person ? undefined : await stateOf(scene.tenant ?? "acme"));
  /** What stands on the page now: kept as a picture, and held against axe-core and the policy. */
  const look = async (suffix = "") => {
    await page.screenshot({ path: `${asked.shots}/${scene.name}${suffix}.png`, fullPage: scene.whole ?? false });
    const seen = [...(await audit(page)), ...(await violations(page, found))];
    problems.push(...seen.map((one) => (suffix ? `${suffix.slice(1)}: ${one}` : one)));
  };
  try {
    await scene.play({ page, found, expect, look, url: asked.url, settle: () => settle(page), person: asked, browser, audit });
    if (!scene.looksItself) await look();
    problems.push(...found.errors);
  } catch (error) {
    problems.push(String(error).split("\n").slice(0, 4).join(" "));
    await page.screenshot({ path: `${asked.shots}/${scene.name}.png` });
  }
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  console.log(problems.length ? `FAILED ${scene.name} (${took})\n    ${problems.join("\n    ")}` : `passed ${scene.name} (${took})`);
  problems.length ? (failed += 1) : (passed += 1);
  await context.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
