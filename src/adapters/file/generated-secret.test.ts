import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generatedSecret } from "./generated-secret.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-secret-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("a secret is made once, for its owner alone, and the same for all who ask at the same time", async () => {
  const path = join(folder, "state", "key");
  const values = await Promise.all(Array.from({ length: 20 }, () => generatedSecret(path, 32)));
  expect(new Set(values).size).toBe(1);
  expect(Buffer.from(values[0] ?? "", "base64")).toHaveLength(32);
  expect(await readFile(path, "utf8")).toBe(`${values[0]}\n`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, "state"))).toEqual(["key"]);
});

test("a file that holds nothing is not replaced: what it held may still be needed", async () => {
  const path = join(folder, "key");
  await writeFile(path, "\n");
  await expect(generatedSecret(path, 32)).rejects.toMatchObject({
    code: "invalid_configuration",
    message: expect.stringContaining(path),
  });
});

test("a place where no file can be is told of", async () => {
  await mkdir(join(folder, "key"));
  await chmod(join(folder, "key"), 0o700);
  await expect(generatedSecret(join(folder, "key"), 32)).rejects.toMatchObject({ code: "invalid_configuration" });
});
