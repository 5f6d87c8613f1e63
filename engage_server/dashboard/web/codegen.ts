// Types of what the dashboard asks, from the SDL snapshot and the documents beside the views.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../api/schema.graphql",
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
