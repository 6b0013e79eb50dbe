import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.ts";

/*
 * What people have, and what is made of it: NAME.* beside NAME.golden, which holds the documents and then the report.
 * Credentials of the sources are made up; none of them may come out again.
 */

const folder = fileURLToPath(new URL("imports/", import.meta.url));
const sources = readdirSync(folder).flatMap((kind) =>
  readdirSync(join(folder, kind))
    .filter((file) => extname(file) !== ".golden")
    .map((file): [string, string] => [kind, file]),
);

const credentials = [
  "ghp_exampleexample",
  "hunter2",
  "abcd1234efgh",
  "sk-live-",
  "abc.def.ghi",
  "session=abc",
  "9f8e7d6c5b4a39281706f5e4",
];

async function importFile(kind: string, path: string): Promise<string> {
  let output = "";
  let errors = "";
  const exitCode = await runProgram(["import", kind, path], {
    write: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
    isInteractive: false,
    environment: {},
  });
  return `${output}\n# exit code ${exitCode}\n${errors.replace(/^(?=.)/gm, "# ")}`;
}

describe("an import", () => {
  it.each(sources)("of %s/%s makes what was looked over once", async (kind, file) => {
    const made = await importFile(kind, join(folder, kind, file));
    const golden = join(folder, kind, `${basename(file, extname(file))}.golden`);
    if (process.env["UPDATE_GOLDEN"] !== undefined || !existsSync(golden)) writeFileSync(golden, made);
    expect(made).toBe(readFileSync(golden, "utf8"));
    // `check` has nothing to say about it.
    expect(made).not.toMatch(/^# document:\d+:\d+: error/m);
    for (const credential of credentials) expect(made).not.toContain(credential);
  });
});
