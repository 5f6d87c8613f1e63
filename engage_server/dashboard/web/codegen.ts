// Types of what the dashboard asks, from the SDL snapshot and the documents beside the views.
import { readFileSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";

// A field that is null in errors alone is typed without null: `src/api/client.ts` gives no data where one failed.
const schema = readFileSync("../../api/schema.graphql", "utf8").replaceAll(/ @semanticNonNull\(levels: \[0\]\)$/gm, "!");

const config: CodegenConfig = {
  schema,
  documents: ["src/**/*.graphql"],
  ignoreNoDocuments: false,
  generates: {
    "src/api/documents.ts": {
      plugins: [
        { add: { content: "// Written by `make dashboard` from the documents beside the views; never by hand." } },
        "typescript-operations",
        "typed-document-node",
      ],
      config: {
        documentMode: "string",
        enumType: "string-literal",
        useTypeImports: true,
        skipTypename: true,
        scalars: { Date: "string", DateTime: "string", JSON: "unknown", ID: "string" },
      },
    },
  },
};

export default config;
