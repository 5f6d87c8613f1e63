// Builds the bundle that is committed: a script and a sheet that every page loads, and what each view needs besides, each
// with the hash of its bytes in its name; a manifest that says which, the documents that they send, and the licences of
// all packages that went in. The same sources give the same bytes everywhere.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = process.env.OUT ?? join(HERE, "../static/engage/dashboard");
const MOST_GZIP = 120_000; // bytes of all scripts and sheets
const MOST_AT_FIRST = 70_000; // bytes of what one view loads, the frame of the page included

const documents = {};
const loaded = new Set(loadedWhenWanted());
const usual = {
  absWorkingDir: HERE,
  outdir: "out",
  entryNames: "[name].[hash]",
  chunkNames: "[name].[hash]",
  bundle: true,
  minify: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  write: false,
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [{ name: "documents by id", setup: (made) => made.onLoad({ filter: /src\/api\/documents\.ts$/ }, byId) }],
};
const result = await build({
  ...usual,
  entryPoints: ["src/main.tsx"],
  splitting: true,
  format: "esm",
  plugins: [...usual.plugins, { name: "shared", setup: (made) => made.onLoad({ filter: /src\/(?:main|views\/.*)\.tsx$/ }, withShared) }],
});
// Asks before the others are read, and so shares nothing with them.
const early = await build({ ...usual, entryPoints: ["src/early.ts"], format: "iife" });

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const sizes = {};
for (const { path, contents } of [...result.outputFiles, ...early.outputFiles]) {
  writeFileSync(join(OUT, basename(path)), contents);
  sizes[basename(path)] = gzipSync(contents, { level: 9 }).length;
}
const outputs = Object.fromEntries(Object.entries(result.metafile.outputs).map(([path, one]) => [basename(path), one]));
const manifest = manifestOf();
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(OUT, "documents.json"), `${JSON.stringify(Object.values(documents).sort(), null, 0)}\n`);
writeFileSync(join(OUT, "LICENSES.txt"), licences(Object.keys(result.metafile.inputs)));
report();

/** The documents' texts stay with the server, which trusts them: the page names each by the first digits of its SHA-256. */
function byId({ path }) {
  const contents = readFileSync(path, "utf8").replaceAll(/new TypedDocumentString\(`([^`]*)`(?:, \{[^}]*\})?\)/g, (_, text) => {
    const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
    documents[id] = text;
    return `/* @__PURE__ */ new TypedDocumentString("${id}")`;
  });
  return { contents, loader: "ts" };
}

/** Scripts that are loaded by themselves bring along what `src/shared.ts` names. */
function withShared({ path }) {
  const contents = readFileSync(path, "utf8");
  const isLoaded = path.endsWith("main.tsx") || loaded.has(path.slice(0, -".tsx".length));
  return { contents: isLoaded ? `import ${JSON.stringify(join(HERE, "src/shared"))};\n${contents}` : contents, loader: "tsx" };
}

/** Modules, without their endings, that others import when they are wanted. */
function loadedWhenWanted() {
  const files = readdirSync(join(HERE, "src"), { recursive: true }).filter((file) => /\.tsx?$/.test(file));
  return files.flatMap((file) => {
    const wanted = readFileSync(join(HERE, "src", file), "utf8").matchAll(/import\("(\.[^"]*)"\)/g);
    return [...wanted].map(([, module]) => join(HERE, "src", dirname(file), module));
  });
}

/** The script and the sheet of every page, and by the views' addresses what they need besides, so that all load at once. */
function manifestOf() {
  const named = (kind) => Object.keys(outputs).find((file) => file.startsWith("main.") && file.endsWith(kind));
  const [script, style] = [named(".js"), named(".css")];
  const frame = reached(script);
  const index = readFileSync(join(HERE, "src/views/index.ts"), "utf8");
  const views = {};
  for (const [, view, module] of index.matchAll(/path: "(\w*)".* import\("\.\/([\w/]+)"\)/g)) {
    const file = Object.keys(outputs).find((one) => outputs[one].entryPoint === `src/views/${module}.tsx`);
    views[view] = [...reached(file)].filter((one) => !frame.has(one)).sort();
  }
  return {
    "early.js": basename(early.outputFiles[0].path),
    "main.js": script,
    "main.css": style,
    frame: [...frame].filter((one) => one !== script).sort(),
    views,
  };
}

/** A file and all that it imports before it runs. */
function reached(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of outputs[file].imports) if (kind === "import-statement") reached(basename(path), found);
  return found;
}

function report() {
  const weigh = (files) => files.reduce((sum, file) => sum + sizes[file], 0);
  const all = weigh(Object.keys(sizes));
  const frame = weigh([manifest["early.js"], manifest["main.js"], manifest["main.css"], ...manifest.frame]);
  const first = Object.entries(manifest.views).map(([view, files]) => [view, frame + weigh(files)]);
  const most = Math.max(...first.map(([, size]) => size));
  console.log(`${all} of ${MOST_GZIP} bytes, gzip, in all; the frame of the page ${frame}; a view with it at most ${most} of ${MOST_AT_FIRST}:`);
  console.log(first.map(([view, size]) => `  ${view} ${size}`).join("\n"));
  if (all > MOST_GZIP || most > MOST_AT_FIRST) {
    console.error("The bundle is too large. Remedy: see what the new import brings, and do without it.");
    process.exit(1);
  }
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
