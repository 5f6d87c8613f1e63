// Goes through every view as a person would. Each scene prints one line; the last line counts what passed and failed.
import { readFileSync } from "node:fs";
import { audit, launch, open, settle, signIn, violations } from "./browser.mjs";
import { scenes } from "./scenes.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await launch(asked.chromium);
let [passed, failed] = [0, 0];

for (const scene of scenes.filter(({ name }) => name.includes(asked.only))) {
  const { context, page, found } = await open(browser, scene.as);
  const problems = [];
  const expect = (isSo, otherwise) => isSo || problems.push(otherwise);
  try {
    await signIn(page, asked, { to: "/people/" });
    await page.locator(`button[value="${scene.tenant ?? "acme"}"]`).click();
    await scene.play({ page, found, expect, url: asked.url, settle: () => settle(page), person: asked, browser, audit });
    await page.screenshot({ path: `${asked.shots}/${scene.name}.png`, fullPage: scene.whole ?? false });
    problems.push(...(await audit(page)), ...(await violations(page, found)), ...found.errors);
  } catch (error) {
    problems.push(String(error).split("\n").slice(0, 4).join(" "));
    await page.screenshot({ path: `${asked.shots}/${scene.name}.png` });
  }
  console.log(problems.length ? `FAILED ${scene.name}\n    ${problems.join("\n    ")}` : `passed ${scene.name}`);
  problems.length ? (failed += 1) : (passed += 1);
  await context.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
