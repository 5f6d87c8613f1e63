// node generate.mjs URL KEY: writes into generated/ the schema as the key sees it, and types of the documents in typed/.
import { writeFileSync, mkdirSync, rmSync } from "node:fs";
import { generate } from "@graphql-codegen/cli";
import { buildClientSchema, getIntrospectionQuery, printSchema } from "graphql";

const [url, key] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
const body = JSON.stringify({ query: getIntrospectionQuery({ specifiedByUrl: true }) });
const { data, errors } = await (await fetch(url, { method: "POST", headers, body })).json();
if (errors) throw new Error(JSON.stringify(errors));
rmSync("generated", { recursive: true, force: true });
mkdirSync("generated/relay", { recursive: true });
writeFileSync("generated/relay/package.json", JSON.stringify({ type: "commonjs" })); // as relay-compiler writes them
writeFileSync("generated/schema.graphql", printSchema(buildClientSchema(data)));
const files = await generate(
  {
    // As docs/graphql.md gives it to front ends: by introspection, each scalar with the type that JSON carries.
    schema: { [url]: { headers: { authorization: headers.authorization } } },
    documents: ["typed/*.ts"],
    ignoreNoDocuments: false,
    silent: true,
    emitLegacyCommonJSImports: false,
    generates: {
      "generated/gql/": {
        preset: "client",
        presetConfig: { fragmentMasking: false },
        config: {
          strictScalars: true,
          scalars: { Date: "string", DateTime: "string", Decimal: "string", JSON: "unknown", UUID: "string" },
          enumsAsTypes: true,
          useTypeImports: true,
        },
      },
    },
  },
  true,
);
console.log(JSON.stringify(files.map((file) => file.filename)));
