import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/adapters/yaml/parse-yaml.ts";
import { TextConfigReader } from "../../src/adapters/yaml/text-config-reader.ts";
import { openApiReport } from "../../src/cli/import-sources/openapi-report.ts";
import { checkDocuments } from "../../src/compose/check.ts";
import { descriptionLoader } from "../../src/compose/openapi/description-loader.ts";
import { judgeValue } from "../../src/compose/openapi/judge-value.ts";
import { sameForAll } from "../../src/core/config-source.ts";
import { countTokens } from "../../src/gateway/trial/count-tokens.ts";
import { compileOpenApi } from "../../src/imports/openapi/compile-openapi.ts";
import type { OpenApiChoices, OpenApiImport, SourceText } from "../../src/imports/openapi/openapi-import.ts";

// Each folder holds a description, what is chosen of it (choices.json), overlays (overlay.yaml), and what it becomes:
// the document and the report. UPDATE_GOLDEN=1 writes both anew; look at the difference before you commit it.

const folder = fileURLToPath(new URL("openapi/", import.meta.url));
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const names = await readdir(folder);

describe("a description becomes the document and the report of its golden files", () => {
  test.each(names)("%s", async (name) => {
    const { text, ...rest } = await compile(name);
    await compare(`${name}/document.yaml`, text);
    await compare(`${name}/report.txt`, openApiReport({ text, ...rest }));
  });

  test.each(names)("and passes check: %s", async (name) => {
    const { text, document } = await compile(name);
    const { documents } = await new TextConfigReader({ name, text, baseDirectory: folder }).read();
    const problems = checkDocuments(documents, sameForAll({ get: () => "set" }));
    expect(problems.map(({ message, line }) => `${line}: ${message}`)).toEqual([]);
    expect(parseYaml(text)).toEqual({ kind: "value", value: document });
  });
});

async function compile(name: string): Promise<OpenApiImport> {
  const choices = JSON.parse((await read(`${name}/choices.json`)) ?? "{}") as OpenApiChoices; // a fixture of ours
  const overlay = await read(`${name}/overlay.yaml`);
  const overlays: SourceText[] = overlay === undefined ? [] : [{ name: "overlay.yaml", text: overlay }];
  const text = (await read(`${name}/description.yaml`)) ?? "";
  const address = new URL(`openapi/${name}/description.yaml`, import.meta.url).href;
  const load = descriptionLoader({ address, folder: `${folder}${name}`, allow: [], allowKey: "allow", headers: {} });
  return compileOpenApi({ name: "description.yaml", text, address, overlays }, choices, {
    parseYaml,
    countTokens,
    judge: judgeValue,
    load,
  });
}

async function read(file: string): Promise<string | undefined> {
  return readFile(`${folder}${file}`, "utf8").catch(() => undefined);
}

async function compare(file: string, text: string): Promise<void> {
  if (isUpdate) await writeFile(`${folder}${file}`, text);
  expect(text).toBe(await read(file));
}
