import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SecretCipher } from "../access/secret-cipher.ts";
import { migrate } from "../adapters/sql/migrate.ts";
import { SqlAuditLog } from "../adapters/sql/sql-audit-log.ts";
import { SqlDatabase } from "../adapters/sql/sql-database.ts";
import { SqlSecretStore } from "../adapters/sql/sql-secret-store.ts";
import type { SealedSecret } from "../core/secret-store.ts";
import { runSecretsDelete, runSecretsList, runSecretsRotate, runSecretsSet } from "./secrets-command.ts";
import type { Terminal } from "./terminal.ts";

let directory: string;
let output: string;
let errors: string;
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const value = "s3cr3t value";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-secrets-command-"));
  output = "";
  errors = "";
});

afterEach(() => rm(directory, { recursive: true }));

const terminal: Terminal = {
  write: (text) => {
    output += text;
  },
  writeError: (text) => {
    errors += text;
  },
  isInteractive: false,
  environment: {},
};

function flags(...keys: readonly Buffer[]): Record<string, unknown> {
  return { database: address(), encryptionKeys: keys.map((key) => key.toString("base64")) };
}

function address(): string {
  return `sqlite:${join(directory, "test.db")}`;
}

async function set(name: string, text: string, keys = [oldKey], tenant = "default"): Promise<number> {
  return runSecretsSet({ flags: flags(...keys), tenant, name, input: Readable.from([Buffer.from(text)]) }, terminal);
}

/** Looks at the database between commands. */
async function inspect<T>(work: (database: SqlDatabase) => Promise<T>): Promise<T> {
  const database = new SqlDatabase(address());
  await migrate(database);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function readAll(): Promise<readonly SealedSecret[]> {
  return inspect(async (database) => (await new SqlSecretStore(database, Date.now).readAll()).secrets);
}

test("a value comes from standard input, without the line break at its end, and is sealed", async () => {
  expect(await set("TOKEN", `${value}\n`)).toBe(0);
  expect(output).toBe("default/TOKEN is saved as version 1.\n");
  const [sealed] = await readAll();
  expect(sealed && new SecretCipher([oldKey]).open(sealed, sealed)).toBe(value);
});

test("a value comes from a file, in pieces, and keeps everything else of it", async () => {
  const file = join(directory, "value");
  await writeFile(file, "\ufeff é\r\n\n🦊\r\n");
  const input = Readable.from([]);
  await runSecretsSet({ flags: flags(oldKey), tenant: "shop", name: "TOKEN", file, input }, terminal);
  const pieces = [Buffer.from([0xf0, 0x9f]), Buffer.from([0xa6, 0x8a])];
  await runSecretsSet({ flags: flags(oldKey), tenant: "shop", name: "FOX", input: Readable.from(pieces) }, terminal);
  const cipher = new SecretCipher([oldKey]);
  const values = (await readAll()).map((sealed) => [sealed.name, cipher.open(sealed, sealed)]);
  expect(values.toSorted()).toStrictEqual([
    ["FOX", "🦊"],
    ["TOKEN", "\ufeff é\r\n\n🦊"],
  ]);
});

const unfit: [string, () => Promise<number>, RegExp][] = [
  ["an empty value", () => set("TOKEN", "\n"), /the value is empty/],
  ["a huge value", () => set("TOKEN", "a".repeat(65_537)), /larger than 65536 bytes/],
  [
    "half a character",
    () => runSecretsSet({ ...place(), input: Readable.from([Buffer.from([0xc3])]) }, terminal),
    /UTF-8/,
  ],
  [
    "a file that is not there",
    () => runSecretsSet({ ...place(), file: "/nowhere", input: Readable.from([]) }, terminal),
    /nowhere/,
  ],
  ["a name that is none", () => set("a b", value), /a secret is called by/],
  ["a tenant that is none", () => set("TOKEN", value, [oldKey], "A/B"), /the tenant is none/],
  ["no key", () => set("TOKEN", value, []), /PASSERELLE_ENCRYPTION_KEYS/],
  ["no database", () => runSecretsSet({ ...place(), flags: {}, input: Readable.from(["a"]) }, terminal), /--database/],
];

function place() {
  return { flags: flags(oldKey), tenant: "default", name: "TOKEN" };
}

test.each(unfit)("%s is refused in a sentence without the value", async (_what, run, reason) => {
  const failure: unknown = await run().catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "CommandFailure", message: expect.stringMatching(reason) });
  expect(String(failure)).not.toContain("s3cr3t");
  expect(await readAll()).toStrictEqual([]);
});

test("secrets are listed and deleted, and every change is audited without its value", async () => {
  await set("B", value);
  await set("A", value);
  output = "";
  await runSecretsList({ flags: flags(), tenant: "default", format: "text" }, terminal);
  expect(output).toMatch(/^NAME {2}VERSION {2}UPDATED AT +BY\nA +1 +\d{4}-\S+ +"command line"\nB +1 /);
  output = "";
  await runSecretsList({ flags: flags(), tenant: "other", format: "text" }, terminal);
  expect(output).toBe("No secrets.\n");
  expect(await runSecretsDelete({ flags: flags(), tenant: "default", name: "A" }, terminal)).toBe(0);
  await expect(runSecretsDelete({ flags: flags(), tenant: "default", name: "A" }, terminal)).rejects.toThrow(
    "no secret A",
  );
  output = "";
  await runSecretsList({ flags: flags(), tenant: "default", format: "json" }, terminal);
  expect(JSON.parse(output)).toMatchObject({ secrets: [{ name: "B", version: 1 }] });
  const { items } = await inspect((database) => new SqlAuditLog(database).list({ limit: 10 }));
  expect(items.map(({ action, target }) => `${action} ${target.id}`).toReversed()).toStrictEqual([
    "secret.save B",
    "secret.save A",
    "secret.delete A",
  ]);
  expect(JSON.stringify(items) + output + errors).not.toContain("s3cr3t");
});

test("rotation seals everything with the first key, once, and the old one may go", async () => {
  await putSealed(oldKey, ...Array.from({ length: 250 }, (_, i) => `S${i}`));
  await set("NEW", "new", [newKey, oldKey]);
  await addUser("u1", { totp_secret: oldKey, totp_pending: oldKey });
  await addUser("u2", {});
  output = "";
  expect(await runSecretsRotate({ flags: flags(newKey, oldKey) }, terminal)).toBe(0);
  expect(output).toBe(
    "250 secrets sealed anew, 1 had the key.\n2 one-time passwords sealed anew, 0 had the key.\nThe other keys are not needed any more.\n",
  );
  const cipher = new SecretCipher([newKey]);
  for (const sealed of await readAll()) expect(cipher.open(sealed, sealed)).toMatch(/^value of|^new$/);
  const [user] = await inspect(({ kysely }) => kysely.selectFrom("users").selectAll().where("id", "=", "u1").execute());
  for (const text of [user?.totp_secret, user?.totp_pending]) {
    const sealed = JSON.parse(text ?? "") as { keyId: string; ciphertext: string }; // as it was written below
    expect(cipher.open({ tenant: "*", name: "totp/u1" }, sealed)).toMatch(/^totp_/);
  }
  output = "";
  expect(await runSecretsRotate({ flags: flags(newKey) }, terminal)).toBe(0);
  expect(output).toContain(
    "0 secrets sealed anew, 251 had the key.\n0 one-time passwords sealed anew, 2 had the key.\n",
  );
});

test("rotation leaves what no key opens as it is, and names it", async () => {
  await putSealed(randomBytes(32), "LOST");
  await putSealed(oldKey, "GOOD");
  const before = (await readAll()).find(({ name }) => name === "LOST");
  expect(await runSecretsRotate({ flags: flags(newKey, oldKey) }, terminal)).toBe(1);
  expect(errors).toBe(`default/LOST: no key opens it; it was sealed with ${before?.keyId}\n`);
  expect(output).toContain("1 secret sealed anew, 0 had the key");
  expect(output).not.toContain("not needed any more");
  expect((await readAll()).find(({ name }) => name === "LOST")).toStrictEqual(before);
  await expect(runSecretsRotate({ flags: flags() }, terminal)).rejects.toThrow("give the new key first");
});

async function putSealed(key: Buffer, ...names: readonly string[]): Promise<void> {
  const cipher = new SecretCipher([key]);
  const author = { id: "user:1", name: "Ada" };
  await inspect(async (database) => {
    const store = new SqlSecretStore(database, Date.now);
    for (const name of names) {
      const at = { tenant: "default", name };
      await store.put({ ...at, ...cipher.seal(at, `value of ${name}`), description: "", author });
    }
  });
}

async function addUser(id: string, sealedWith: Readonly<Record<string, Buffer>>): Promise<void> {
  const sealed = Object.entries(sealedWith).map(([column, key]) => {
    const value = new SecretCipher([key]).seal({ tenant: "*", name: `totp/${id}` }, column);
    return [column, JSON.stringify(value)];
  });
  const row = {
    id,
    email: `${id}@example.com`,
    name: id,
    status: "active",
    must_change_password: 0,
    password_hash: null,
    totp_secret: null,
    totp_pending: null,
    totp_step: 0,
    created_at: 0,
    signed_in_at: null,
    ...(Object.fromEntries(sealed) as Record<string, string>), // the pairs above
  };
  await inspect(({ kysely }) => kysely.insertInto("users").values(row).execute());
}
