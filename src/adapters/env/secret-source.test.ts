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

test("a tenant sees what carries its name, in the environment and in its folder, and nothing else", async () => {
  await mkdir(join(directory, "acme-eu"));
  await writeFile(join(directory, "acme-eu", "KEY"), "folder of acme\n");
  await writeFile(join(directory, "acme-eu", "__KEY"), "odd name");
  await writeFile(join(directory, "ROOT"), "the operator's");
  await writeFile(join(directory, "elsewhere"), "named file");
  const secrets = new EnvironmentSecrets({
    environment: {
      PASSERELLE_SECRET_TOKEN: "of the operator",
      PASSERELLE_SECRET_acme_eu__TOKEN: "of acme",
      PASSERELLE_SECRET_acme_eu__CERT_FILE: join(directory, "elsewhere"),
    },
    directory,
  });
  const acme = secrets.forTenant("acme-eu");
  expect(acme.get("TOKEN")).toBe("of acme");
  expect(acme.get("CERT")).toBe("named file");
  expect(acme.get("KEY")).toBe("folder of acme");
  expect(acme.get("__KEY")).toBe("odd name");
  expect(acme.get("ROOT")).toBeUndefined();
  expect(secrets.forTenant("other").get("TOKEN")).toBeUndefined();
  expect(secrets.forTenant("default").get("TOKEN")).toBe("of the operator");
  expect(secrets.forTenant("default").get("ROOT")).toBe("the operator's");
  expect(secrets.forTenant("acme-eu")).toBe(acme);
});

test("no name of one tenant reaches what is of another", async () => {
  await mkdir(join(directory, "acme"));
  await writeFile(join(directory, "acme", "KEY"), "of acme");
  const environment = { PASSERELLE_SECRET_acme__TOKEN: "of acme", PASSERELLE_SECRET_a__b__TOKEN: "of a--b" };
  const secrets = new EnvironmentSecrets({ environment, directory });
  const attempts: [string, string][] = [
    ["default", "acme__TOKEN"],
    ["default", "acme/KEY"],
    ["default", "a__b__TOKEN"],
    ["a", "b__TOKEN"],
    ["acme", "../acme/KEY"],
    ["acm", "e__TOKEN"],
    ["..", "acme"],
    ["acme/..", "acme"],
    ["ACME", "TOKEN"],
    ["", "acme__TOKEN"],
  ];
  for (const [tenant, name] of attempts) expect(secrets.forTenant(tenant).get(name)).toBeUndefined();
  expect(secrets.forTenant("a--b").get("TOKEN")).toBe("of a--b");
});
