// Writes schema/server.schema.json, which editors complete and explain documents by.
// With --check it writes nothing and fails when the file is stale.
import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import { serverDocument } from "../src/core/config/document.ts";

const file = new URL("../schema/server.schema.json", import.meta.url);

/** The schema of a document as people write it: keys with defaults may be left out. */
function documentSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(serverDocument, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // A key that must not be there has no type of its own in JSON Schema.
      if (zodSchema._zod.def.type === "undefined") jsonSchema.not = {};
    },
  });
  return { title: "Passerelle server document", description: "One MCP server.", ...schema };
}

/** Paths of keys that neither describe themselves nor refer to something that does. */
function undescribed(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    const missing = key === "properties" ? Object.entries(value ?? {}).filter(([, inner]) => !isDescribed(inner)) : [];
    return [...missing.map(([name]) => `${path}/${name}`), ...undescribed(value, `${path}/${key}`)];
  });
}

function isDescribed(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && ("description" in schema || "$ref" in schema);
}

const schema = documentSchema();
const wanted = `${JSON.stringify(schema, undefined, 2)}\n`;
const silent = undescribed(schema);
if (silent.length > 0) {
  console.error(`These keys of the document have no description:\n  ${silent.join("\n  ")}`);
  process.exitCode = 1;
} else if (process.argv.includes("--check")) {
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== wanted) {
    console.error("schema/server.schema.json is stale: run `npm run generate:schema` and commit it.");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}
