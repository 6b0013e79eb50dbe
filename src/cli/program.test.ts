import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runProgram } from "./program.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-cli-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the command line within this process. */
async function run(args: string[], terminal: { isInteractive?: boolean; environment?: Record<string, string> } = {}) {
  let output = "";
  let errors = "";
  const exitCode = await runProgram(args, {
    write: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
    isInteractive: terminal.isInteractive ?? false,
    environment: terminal.environment ?? {},
  });
  return { exitCode, output, errors };
}

async function save(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function server(name: string, more = ""): string {
  return `name: ${name}\nroutes:\n  - prefix: /${name}\n${more}`;
}

describe("the command line", () => {
  test.each(["", "start ", "gateway ", "check ", "plan ", "pins list ", "pins approve "])(
    "%s--help shows help with the exit codes",
    async (command) => {
      const { exitCode, output } = await run(`${command}--help`.split(" "));
      expect(exitCode).toBe(0);
      expect(output).toContain("Exit codes:");
      if (command !== "") expect(output).toContain("Examples:\n  passerelle");
    },
  );

  test.each([
    [["gatway"], "Did you mean gateway?"],
    [["check"], "missing required argument"],
    [["plan", "x", "--fromm", "y"], "unknown option"],
    [["check", "x", "--format", "xml"], "Allowed choices are text, json"],
    [["gateway"], "give at least one file or folder with --config PATH"],
    [["pins"], "Usage: passerelle pins"],
    [["pins", "approve"], "missing required argument"],
    [["pins", "list"], "with --state-dir PATH"],
  ])("%j is a mistake in usage", async (args, message) => {
    const { exitCode, errors } = await run(args);
    expect(exitCode).toBe(2);
    expect(errors).toContain(message);
  });

  test("version prints the version", async () => {
    const { exitCode, output } = await run(["version"]);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("bad settings are told together and end with 1", async () => {
    const environment = { PASSERELLE_LOG_LEVEL: "loud" };
    const { exitCode, errors } = await run(["gateway", "--config", folder, "--port", "x"], { environment });
    expect(exitCode).toBe(1);
    expect(errors).toBe(
      'passerelle: --port: must be a whole number from 0 to 65535, not "x"\n' +
        'passerelle: PASSERELLE_LOG_LEVEL: must be one of debug, info, warn, error, silent, not "loud"\n',
    );
  });
});

describe("check", () => {
  test("good documents end with 0", async () => {
    await save("a.yaml", server("a"));
    expect(await run(["check", folder])).toEqual({ exitCode: 0, output: "1 document: no problems\n", errors: "" });
  });

  test("problems have file, line, column and a mend", async () => {
    const path = await save("a.yaml", server("a", "tols: []\n"));
    const { exitCode, output } = await run(["check", path]);
    expect(exitCode).toBe(1);
    expect(output).toBe(
      `${path}:4:1: error: unknown key "tols" [tols]\n  did you mean "tools"?\n1 document: 1 error, 0 warnings\n`,
    );
  });

  test("on a terminal the line of the source is shown with a caret", async () => {
    const path = await save("a.yaml", server("a", "pageSize: many\n"));
    const { output } = await run(["check", path], { isInteractive: true });
    expect(output).toContain("    pageSize: many\n              ^\n");
  });

  test("problems across documents are found", async () => {
    await save("a.yaml", server("a"));
    await save("b.yaml", server("b").replace("/b", "/a"));
    const { exitCode, output } = await run(["check", folder]);
    expect(exitCode).toBe(1);
    expect(output).toContain("b.yaml:3:13: error:");
  });

  test("the report as JSON is for programs", async () => {
    const path = await save("a.yaml", server("a", "tols: []\n"));
    const { exitCode, output } = await run(["check", "--format", "json", path]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      documents: 1,
      errors: 1,
      warnings: 0,
      problems: [{ file: path, line: 4, column: 1, severity: "error", path: ["tols"] }],
    });
  });

  test("a path that cannot be read ends with 74", async () => {
    const { exitCode, errors } = await run(["check", join(folder, "missing")]);
    expect(exitCode).toBe(74);
    expect(errors).toContain("there is no such file or folder");
  });
});

describe("plan", () => {
  test("what would change is told, and --detailed-exit-code tells that something would", async () => {
    const old = await save("old.yaml", server("a", "title: A\n"));
    const next = await save("new.yaml", `${server("a", "title: B\n")}---\n${server("b")}`);
    const args = ["plan", next, "--from", old];
    const { exitCode, output } = await run(args);
    expect(exitCode).toBe(0);
    expect(output).toBe(
      "~ server default/a\n  ~ key title\n+ server default/b\n  + route /b\n\nServers: 1 to add, 1 to change, 0 to remove.\n",
    );
    expect((await run([...args, "--detailed-exit-code"])).exitCode).toBe(3);
    expect(await run(["plan", old, "--from", old])).toMatchObject({ exitCode: 0, output: "No changes.\n" });
  });

  test("errors are told instead of a plan", async () => {
    const path = await save("a.yaml", "name: a\n");
    const { exitCode, output } = await run(["plan", path, "--from", path]);
    expect(exitCode).toBe(1);
    expect(output).toContain('missing key "routes"');
  });

  test("a gateway that does not answer, or answers something else, ends with 74", async () => {
    const path = await save("a.yaml", server("a"));
    const stranger = createServer((_request, response) => response.end("{}")).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const address = stranger.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const other = await run(["plan", path, "--gateway", url]);
    stranger.close();
    await once(stranger, "close");
    expect(other).toMatchObject({ exitCode: 74 });
    expect(other.errors).toContain("is not the operations address of a gateway");
    const nobody = await run(["plan", path, "--gateway", url]);
    expect(nobody).toMatchObject({ exitCode: 74 });
    expect(nobody.errors).toContain("no gateway answers at");
  });
});
