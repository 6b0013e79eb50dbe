import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EnvironmentSecrets } from "./secret-source.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-secrets-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("a variable wins over its file, a file over the folder", async () => {
  await writeFile(join(directory, "TOKEN"), "from folder\n");
  await writeFile(join(directory, "other"), "from file\r\n");
  const file = { PASSERELLE_SECRET_TOKEN_FILE: join(directory, "other") };
  const get = (environment: Record<string, string>) => new EnvironmentSecrets({ environment, directory }).get("TOKEN");
  expect(get({ ...file, PASSERELLE_SECRET_TOKEN: "from variable" })).toBe("from variable");
  expect(get(file)).toBe("from file");
  expect(get({})).toBe("from folder");
});

test("a rotated file is read anew, and only one line break at its end is left out", async () => {
  const secrets = new EnvironmentSecrets({ environment: {}, directory });
  await writeFile(join(directory, "TOKEN"), "a\n\n");
  expect(secrets.get("TOKEN")).toBe("a\n");
  await writeFile(join(directory, "TOKEN"), "b");
  expect(secrets.get("TOKEN")).toBe("b");
});

test.each(["MISSING", "../secret", "", "a/b", ".hidden", "__proto__", "constructor"])("%j is no secret", (name) => {
  expect(new EnvironmentSecrets({ environment: {}, directory }).get(name)).toBeUndefined();
});

test("nothing but variables with the prefix can be read", () => {
  const secrets = new EnvironmentSecrets({ environment: { HOME: "/root" } });
  expect(secrets.get("HOME")).toBeUndefined();
});

test("a file that is there but cannot be read is an error", async () => {
  await mkdir(join(directory, "TOKEN"));
  const secrets = new EnvironmentSecrets({ environment: {}, directory });
  expect(() => secrets.get("TOKEN")).toThrow("The file of the secret TOKEN cannot be read.");
});
