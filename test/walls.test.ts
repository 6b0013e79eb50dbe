import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Each wall is tried with a wrong import in a folder of its own, laid out as `src/` is.

interface Rule {
  readonly files: readonly string[];
  readonly rules: {
    readonly "no-restricted-imports"?: readonly [
      string,
      { patterns: readonly { group: readonly string[]; message: string }[] },
    ];
  };
}

const root = fileURLToPath(new URL("../", import.meta.url));
const linter = join(root, "node_modules/oxlint/bin/oxlint");

/** Who may not import whom, as the plan of the house says it (docs/decisions/rooms.md). */
const walls: Readonly<Record<string, readonly string[]>> = {
  core: [
    "protocol",
    "expressions",
    "schemas",
    "upstreams",
    "access",
    "gateway",
    "adapters",
    "imports",
    "exports",
    "demo",
    "cli",
  ],
  protocol: [
    "expressions",
    "schemas",
    "upstreams",
    "access",
    "gateway",
    "adapters",
    "imports",
    "exports",
    "demo",
    "cli",
  ],
  expressions: ["schemas", "upstreams", "access", "gateway", "adapters", "imports", "exports", "demo", "cli"],
  schemas: ["expressions", "upstreams", "access", "gateway", "adapters", "imports", "exports", "demo", "cli"],
  access: ["expressions", "schemas", "upstreams", "gateway", "adapters", "imports", "exports", "demo", "cli"],
  upstreams: ["access", "gateway", "adapters", "imports", "exports", "demo", "cli"],
  gateway: ["adapters", "imports", "exports", "demo", "cli"],
  apiserver: ["gateway", "adapters", "demo", "cli"],
  adapters: [
    "protocol",
    "expressions",
    "schemas",
    "upstreams",
    "access",
    "gateway",
    "imports",
    "exports",
    "demo",
    "cli",
  ],
  imports: ["expressions", "upstreams", "access", "gateway", "adapters", "exports", "demo", "cli"],
  exports: ["expressions", "schemas", "upstreams", "access", "gateway", "adapters", "imports", "demo", "cli"],
  demo: [
    "protocol",
    "expressions",
    "schemas",
    "upstreams",
    "access",
    "gateway",
    "adapters",
    "imports",
    "exports",
    "cli",
  ],
};
/** What runs in a browser knows the control plane by its API alone. */
const webWalls = [...Object.keys(walls).filter((room) => room !== "core"), "compose", "cli"];
const wrong = Object.entries(walls).flatMap(([room, others]) => others.map((other) => [room, other] as const));

let house: string;

beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), "passerelle-walls-"));
  await copyFile(join(root, ".oxlintrc.json"), join(house, ".oxlintrc.json"));
  await symlink(join(root, "node_modules"), join(house, "node_modules"));
  for (const room of [...Object.keys(walls), "cli"]) await plant(`${room}/thing.ts`, "export const thing = 1;\n");
  await plant("compose/thing.ts", "export const thing = 1;\n");
  for (const [room, other] of wrong) await plant(`${room}/to-${other}.ts`, importOf(`../${other}/thing.ts`));
  for (const room of Object.keys(walls)) {
    await plant(`${room}/deep/down/to-compose.ts`, importOf("../../../compose/thing.ts"));
    await plant(
      `${room}/types-of-compose.ts`,
      'import type { thing } from "../compose/thing.ts";\nexport type Thing = typeof thing;\n',
    );
  }
  await plant("upstreams/to-schemas.ts", importOf("../schemas/thing.ts"));
  await plant("upstreams/to-expressions.ts", importOf("../expressions/thing.ts"));
  await plant("gateway/to-upstreams.ts", importOf("../upstreams/thing.ts"));
  await plant("protocol/to-core.ts", importOf("../core/thing.ts"));
  await plant("gateway/one.ts", 'import { two } from "./two.ts";\nexport const one = (): number => two();\n');
  await plant("gateway/two.ts", 'import { one } from "./one.ts";\nexport const two = (): number => one();\n');
  await plant("gateway/type-one.ts", 'import type { Two } from "./type-two.ts";\nexport type One = Two | 1;\n');
  await plant("gateway/type-two.ts", 'import type { One } from "./type-one.ts";\nexport type Two = { one: One };\n');
  for (const room of webWalls) await plant(`../web/src/app/to-${room}.ts`, importOf(`../../../src/${room}/thing.ts`));
  await plant("../web/src/app/to-core.ts", importOf("../../../src/core/thing.ts"));
  found = await lint();
});

afterAll(() => rm(house, { recursive: true, force: true }));

/** What the linter reports, by file below `src/`. */
let found: ReadonlyMap<string, string>;

describe("a wall", () => {
  it.each(wrong)("stands between %s/ and %s/, and says why", async (room, other) => {
    expect(found.get(`${room}/to-${other}.ts`)).toContain(await sentenceOf(room));
  });

  it.each(Object.keys(walls))("keeps %s/ from compose/, from deep down and for types too", async (room) => {
    const sentence = await sentenceOf(room);
    expect(found.get(`${room}/deep/down/to-compose.ts`)).toContain(sentence);
    expect(found.get(`${room}/types-of-compose.ts`)).toContain(sentence);
  });

  it.each([
    "upstreams/to-schemas.ts",
    "upstreams/to-expressions.ts",
    "gateway/to-upstreams.ts",
    "protocol/to-core.ts",
    "cli/thing.ts",
  ])("has a door: %s is fine", (file) => {
    expect(found.get(file)).toBeUndefined();
  });

  it.each(webWalls)("stands between web/ and %s/", (room) => {
    expect(found.get(`app/to-${room}.ts`)).toContain("web/ runs in browsers");
  });

  it("has a door from web/ to core/", () => {
    expect(found.has(`app/to-${webWalls[0]}.ts`)).toBe(true);
    expect(found.get("app/to-core.ts")).toBeUndefined();
  });

  it("stands around every room of src/", async () => {
    const entries = await readdir(join(root, "src"), { withFileTypes: true });
    const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    // The command line may see everything, as main.ts and compose/ do.
    expect(rooms.filter((room) => room !== "cli" && room !== "compose").toSorted()).toEqual(
      Object.keys(walls).toSorted(),
    );
  });
});

describe("a circle of imports", () => {
  it.each(["gateway/one.ts", "gateway/two.ts"])("is reported: %s", (file) => {
    expect(found.get(file)).toContain("import(no-cycle)");
  });

  it.each(["gateway/type-one.ts", "gateway/type-two.ts"])("of types is one too: %s", (file) => {
    expect(found.get(file)).toContain("import(no-cycle)");
  });
});

function importOf(path: string): string {
  return `import { thing } from "${path}";\n\nexport const other = thing;\n`;
}

async function plant(file: string, text: string): Promise<void> {
  const path = join(house, "src", file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function readConfig(): Promise<{ readonly overrides: readonly Rule[] }> {
  const text = await readFile(join(root, ".oxlintrc.json"), "utf8");
  return JSON.parse(text) as { overrides: Rule[] }; // the linter checks it
}

async function sentenceOf(room: string): Promise<string> {
  const { overrides } = await readConfig();
  const rule = overrides.find(
    ({ files, rules }) => files.includes(`src/${room}/**`) && "no-restricted-imports" in rules,
  );
  const sentence = rule?.rules["no-restricted-imports"]?.[1].patterns[0]?.message ?? "";
  expect(sentence).toMatch(new RegExp(`^${room}/ .+\\.$`));
  return sentence;
}

async function lint(): Promise<ReadonlyMap<string, string>> {
  const output = await new Promise<string>((resolve) => {
    // Findings make it end with 1: the report is what counts.
    execFile(
      process.execPath,
      [linter, "--format=json", "src", "web"],
      { cwd: house, maxBuffer: 2 ** 25 },
      (_, stdout) => resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { code: string; message: string; help?: string; filename: string }[];
  };
  const byFile = new Map<string, string>();
  for (const { code, message, help, filename } of diagnostics) {
    const file = filename.replace(/^.*\bsrc\//, "");
    byFile.set(file, `${byFile.get(file) ?? ""}${code} ${message} ${help ?? ""}\n`);
  }
  return byFile;
}
