import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../../src/cli/program.ts";

let folder: string;
let description: string;
let document: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-import-again-"));
  description = join(folder, "openapi.json");
  document = join(folder, "pets.yaml");
});

afterEach(() => rm(folder, { recursive: true }));

test("an import again changes what the description changed, and keeps what was edited", {
  timeout: 180_000,
}, async () => {
  await describe({
    "/pets": { get: operation("list_pets", "Lists pets.") },
    "/pets/{id}": { get: operation("get_pet", "Gets a pet.") },
  });
  expect(await run("--name", "pets", "--out", document)).toMatchObject({ exitCode: 0 });
  const first = await readFile(document, "utf8");
  expect(await readdir(folder)).toContain(".pets.import.json");

  const same = await run("--out", document);
  expect(same).toMatchObject({ exitCode: 0, output: expect.stringContaining("Nothing changes in the document.") });
  expect(await readFile(document, "utf8")).toBe(first);

  const edited = first.replace("description: Gets a pet.", "description: Ours. # asked for by support");
  await writeFile(document, edited);
  await describe({
    "/pets": { get: operation("list_pets", "Lists all pets.") },
    "/pets/{id}": { get: operation("get_pet", "Finds a pet.") },
    "/owners": { get: operation("list_owners", "Lists owners."), post: operation("add_owner", "Adds one.") },
  });
  const tried = await run("--out", document, "--dry-run");
  expect(tried.output).toContain("added     list_owners (GET /owners)\n");
  expect(tried.output).toContain("changed   list_pets (GET /pets): title, description\n");
  expect(tried.output).toContain("conflict  get_pet: description. It was edited by hand");
  expect(tried.output).toContain('now   "Finds a pet."');
  expect(await readFile(document, "utf8")).toBe(edited);

  expect(await run("--out", document)).toMatchObject({ exitCode: 1 });
  const merged = await readFile(document, "utf8");
  expect(merged).toContain("description: Ours. # asked for by support\n");
  expect(merged).toContain("description: Lists all pets.\n");
  expect(merged).toContain("name: list_owners\n");
  expect(merged).not.toContain("add_owner");
  // The conflict was settled: the edit is one like any other now.
  expect(await run("--out", document)).toMatchObject({ exitCode: 0 });

  // What is chosen now takes the place of what was chosen then.
  expect((await run("--out", document, "--all")).output).toContain("added     add_owner (POST /owners)\n");
  expect(await readFile(document, "utf8")).toContain("Ours.");
});

test("the description's side is taken where that is asked for", { timeout: 180_000 }, async () => {
  await describe({ "/pets": { get: operation("list_pets", "Lists pets.") } });
  await run("--out", folder);
  const path = join(folder, "pets.yaml");
  await writeFile(path, (await readFile(path, "utf8")).replace("Lists pets.", "Ours."));
  await describe({ "/pets": { get: operation("list_pets", "Theirs.") } });
  expect((await run("--out", folder, "--theirs", "--report", "json")).output).toContain('"taken": "theirs"');
  expect(await readFile(path, "utf8")).toContain("description: Theirs.\n");
});

test("a document that nobody knows the import of is not touched", async () => {
  await describe({ "/pets": { get: operation("list_pets", "Lists pets.") } });
  await writeFile(document, "name: mine\n");
  const { exitCode, output } = await run("--name", "pets", "--out", document);
  expect(exitCode).toBe(74);
  expect(output).toContain("--force writes over it, --out names another file");
  expect(await readFile(document, "utf8")).toBe("name: mine\n");
});

function operation(operationId: string, summary: string): object {
  return { operationId, summary, responses: { 200: { description: "ok" } } };
}

async function describe(paths: object): Promise<void> {
  for (const [path, item] of Object.entries(paths)) {
    if (path.includes("{id}"))
      Object.assign(item, { parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }] });
  }
  const value = {
    openapi: "3.1.0",
    info: { title: "Pets", version: "1" },
    servers: [{ url: "https://pets.example" }],
    paths,
  };
  await writeFile(description, JSON.stringify(value));
}

async function run(...args: string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
  let output = "";
  const write = (text: string): void => {
    output += text;
  };
  const terminal = { write, writeError: write, isInteractive: false, environment: {} };
  const exitCode = await runProgram(["import", "openapi", description, ...args], terminal);
  return { exitCode, output };
}
