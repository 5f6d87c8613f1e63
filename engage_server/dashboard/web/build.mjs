// Builds the bundle that is committed: one script and one sheet with the hash of their bytes in their names, a manifest
// that says which, and the licences of all packages that went in. The same sources give the same bytes everywhere.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = process.env.OUT ?? join(HERE, "../static/engage/dashboard");
const MOST_GZIP = 120_000; // bytes of all scripts and sheets

const result = await build({
  absWorkingDir: HERE,
  entryPoints: ["src/main.tsx"],
  outdir: "out",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  write: false,
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
});

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const manifest = {};
let size = 0;
for (const { path, contents } of result.outputFiles) {
  const [, name, kind] = /([a-z]+)\.(js|css)$/.exec(path);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  const file = `${name}.${hash}.${kind}`;
  writeFileSync(join(OUT, file), contents);
  manifest[`${name}.${kind}`] = file;
  size += gzipSync(contents, { level: 9 }).length;
}
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(OUT, "LICENSES.txt"), licences(Object.keys(result.metafile.inputs)));
console.log(`${size} of ${MOST_GZIP} bytes, gzip, in ${Object.values(manifest).join(" and ")}`);
if (size > MOST_GZIP) {
  console.error("The bundle is too large. Remedy: see what the new import brings, and do without it.");
  process.exit(1);
}

function licences(inputs) {
  const found = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean);
  return [...new Set(found)].sort().map(licence).join(`\n${"-".repeat(80)}\n\n`);
}

function licence(name) {
  const folder = join(HERE, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "The package names its licence and brings no text.";
  return `${name} ${version} (${license})\n\n${text}\n`;
}
