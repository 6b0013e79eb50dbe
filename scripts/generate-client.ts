// Writes web/src/api/operations.generated.ts, the types of the API, from schema/openapi.json.
// With --check it writes nothing and fails when the file is stale.
import { readFile, writeFile } from "node:fs/promises";
import { type ApiDescription, describeClient } from "./client/client-types.ts";

const source = new URL("../schema/openapi.json", import.meta.url);
const file = new URL("../web/src/api/operations.generated.ts", import.meta.url);

// Our own description, which `check:schema` holds against the operations that run.
const description = JSON.parse(await readFile(source, "utf8")) as ApiDescription;
const wanted = describeClient(description);
if (process.argv.includes("--check")) {
  const found = await readFile(file, "utf8").catch(() => "");
  if (found !== wanted) {
    console.error("web/src/api/operations.generated.ts is stale: run `npm run generate:client` and commit it.");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}
