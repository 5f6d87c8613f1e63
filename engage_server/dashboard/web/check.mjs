// Whether the committed bundle and types are what the sources give: every file, byte by byte.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const COMMITTED = join(HERE, "../static/engage/dashboard");
const built = mkdtempSync(join(tmpdir(), "engage-dashboard-"));
try {
  execFileSync("node", ["build.mjs"], { cwd: HERE, env: { ...process.env, OUT: built }, stdio: "inherit" });
  const files = new Set([...readdirSync(COMMITTED), ...readdirSync(built)]);
  const differing = [...files].filter((file) => read(COMMITTED, file) !== read(built, file));
  const generated = execFileSync("git", ["status", "--porcelain", "--", "src/api/documents.ts"], { cwd: HERE, encoding: "utf8" });
  if (generated) differing.push("src/api/documents.ts");
  if (differing.length) {
    console.error(`The sources give others than are committed: ${differing.join(", ")}. Remedy: make dashboard, and commit.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(built, { recursive: true });
}

function read(folder, file) {
  try {
    return readFileSync(join(folder, file), "latin1");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}
