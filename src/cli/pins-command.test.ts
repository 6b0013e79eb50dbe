import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runProgram } from "./program.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-pins-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], environment: Record<string, string> = { PASSERELLE_STATE_DIR: folder }) {
  let output = "";
  let errors = "";
  const exitCode = await runProgram(["pins", ...args], {
    write: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
    isInteractive: false,
    environment,
  });
  return { exitCode, output, errors };
}

const pinnedAt = "2026-07-28T00:00:00.000Z";

function pin(server: string, upstream: string, tool: string) {
  return { server, upstream, tool, pinnedAt, digests: { description: "d1" } };
}

async function save(...pins: readonly object[]): Promise<void> {
  await writeFile(join(folder, "pins.json"), JSON.stringify({ version: 1, pins }));
}

async function savedTools(): Promise<string[]> {
  const { pins } = JSON.parse(await readFile(join(folder, "pins.json"), "utf8")) as { pins: { tool: string }[] };
  return pins.map(({ tool }) => tool);
}

describe("pins list", () => {
  test("tells what is pinned, in order", async () => {
    const { pinnedAt: _none, ...undated } = pin("default/crm", "docs", "write");
    await save(pin("sales/crm", "docs", "read"), undated, pin("default/crm", "docs", "read"));
    expect(await run(["list", "--state-dir", folder], {})).toEqual({
      exitCode: 0,
      output: [
        "SERVER       UPSTREAM  TOOL   PINNED AT\n",
        `default/crm  docs      read   ${pinnedAt}\n`,
        "default/crm  docs      write  unknown\n",
        `sales/crm    docs      read   ${pinnedAt}\n`,
      ].join(""),
      errors: "",
    });
  });

  test("as JSON is for programs", async () => {
    await save(pin("default/crm", "docs", "read"));
    const { exitCode, output } = await run(["list", "--format", "json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output)).toEqual({ pins: [pin("default/crm", "docs", "read")] });
  });

  test("shows names that could steer a terminal in escapes", async () => {
    await save(pin("default/crm", "docs", "a\u001b[2J b\u202e\u009b"));
    expect((await run(["list"])).output).toContain(String.raw`docs      "a\u001b[2J b\u202e\u009b"  2026`);
  });

  test("of a folder without pins is empty, and leaves it so", async () => {
    expect(await run(["list"])).toEqual({ exitCode: 0, output: "No pins.\n", errors: "" });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("pins approve", () => {
  const all = [
    pin("default/crm", "docs", "read"),
    pin("default/crm", "docs", "write"),
    pin("default/crm", "web", "get"),
  ];

  test.each([
    [["crm", "docs", "read"], ["write", "get"], "default/crm docs read\n1 pin forgotten"],
    [["default/crm", "docs"], ["get"], "default/crm docs read\ndefault/crm docs write\n2 pins forgotten"],
    [["crm"], [], "default/crm web get\n3 pins forgotten"],
  ])("%j forgets those alone", async (args, left, told) => {
    await save(...all);
    const { exitCode, output } = await run(["approve", ...args]);
    expect(exitCode).toBe(0);
    expect(output).toContain(told);
    expect(await savedTools()).toEqual(left);
  });

  test.each([
    [["cmr"], "nothing is pinned for the server default/cmr; did you mean default/crm?"],
    [["crm", "dosc"], "nothing is pinned for the upstream dosc of the server default/crm; did you mean docs?"],
    [["crm", "docs", "wirte"], "nothing is pinned for the tool wirte of the upstream docs; did you mean write?"],
    [["crm", "docs", "delete"], "`passerelle pins list` shows what is"],
  ])("%j means nothing that is there", async (args, message) => {
    await save(...all);
    const { exitCode, errors } = await run(["approve", ...args]);
    expect(exitCode).toBe(2);
    expect(errors).toContain(`passerelle: nothing is pinned`);
    expect(errors).toContain(message);
    expect(await savedTools()).toEqual(["read", "write", "get"]);
    expect(await readdir(folder)).toEqual(["pins.json"]);
  });
});

describe.each([["list"], ["approve", "crm"]])("pins %s", (...args) => {
  test("asks for a folder that is missing", async () => {
    const missing = join(folder, "missing");
    expect(await run([...args, "--state-dir", missing])).toMatchObject({
      exitCode: 74,
      errors: `passerelle: there is no folder ${missing}: give the gateway's own with --state-dir PATH\n`,
    });
  });

  test("leaves a damaged file alone and says so", async () => {
    const path = join(folder, "pins.json");
    await writeFile(path, '{"version":1,"pins":[{]}');
    const { exitCode, errors } = await run(args);
    expect(exitCode).toBe(74);
    expect(errors).toContain(`${path} cannot be ${args[0] === "list" ? "read" : "changed"}: it is damaged`);
    expect(await readFile(path, "utf8")).toBe('{"version":1,"pins":[{]}');
  });
});
