import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LayeredSecrets } from "../../src/access/layered-secrets.ts";
import { SecretCipher } from "../../src/access/secret-cipher.ts";
import { StoredSecrets } from "../../src/access/stored-secrets.ts";
import { EnvironmentSecrets } from "../../src/adapters/env/secret-source.ts";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlSecretStore } from "../../src/adapters/sql/sql-secret-store.ts";
import type { TenantSecrets } from "../../src/core/config-source.ts";
import { AppError } from "../../src/core/errors.ts";
import { type LogFields, silentLog } from "../../src/core/log.ts";
import type { SealedSecretSource } from "../../src/core/secret-store.ts";

let directory: string;
let database: SqlDatabase;
let store: SqlSecretStore;
const logged: string[] = [];
const log = {
  ...silentLog,
  error: (event: string, fields?: LogFields) =>
    void logged.push(`${event} ${JSON.stringify(fields)} ${String(fields?.["error"])}`),
};
const cipher = new SecretCipher([randomBytes(32)]);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passerelle-tenant-secrets-"));
  database = new SqlDatabase(`sqlite:${join(directory, "test.db")}`);
  await migrate(database);
  store = new SqlSecretStore(database, Date.now);
  logged.length = 0;
});

afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

async function putStored(tenant: string, name: string, value: string, seal = cipher): Promise<void> {
  await store.put({
    tenant,
    name,
    description: "",
    author: { id: "user:1", name: "Ada" },
    ...seal.seal({ tenant, name }, value),
  });
}

async function putFile(tenant: string, name: string, value: string): Promise<void> {
  await mkdir(join(directory, tenant), { recursive: true });
  await writeFile(join(directory, tenant, name), value);
}

interface Place {
  readonly secrets: TenantSecrets;
  readonly put: (tenant: string, name: string, value: string) => Promise<void>;
}

const places: readonly [string, () => Place][] = [
  ["files", () => ({ secrets: new EnvironmentSecrets({ environment: {}, directory }), put: putFile })],
  ["a store", () => ({ secrets: new StoredSecrets({ source: store, cipher, log }), put: putStored })],
  [
    "a store before files",
    () => {
      const stored = new StoredSecrets({ source: store, cipher, log });
      const layers = [stored, new EnvironmentSecrets({ environment: {}, directory })];
      return { secrets: new LayeredSecrets(layers), put: putStored };
    },
  ],
];

describe.each(places)("secrets of tenants in %s", (_name, open) => {
  test("are seen by their tenant, after a refresh in their new value", async () => {
    const { secrets, put } = open();
    const shop = secrets.forTenant("shop");
    await put("shop", "TOKEN", "one");
    await secrets.refresh();
    expect(shop.get("TOKEN")).toBe("one");
    await put("shop", "TOKEN", "two");
    await secrets.refresh();
    expect(shop.get("TOKEN")).toBe("two");
    expect(secrets.forTenant("shop")).toBe(shop);
  });

  test("are absent for others, and under every name that is none", async () => {
    const { secrets, put } = open();
    await put("shop", "TOKEN", "one");
    await secrets.refresh();
    for (const tenant of ["default", "sho", "shop2", "", "__proto__"]) {
      expect(secrets.forTenant(tenant).get("TOKEN")).toBeUndefined();
    }
    for (const name of ["token", "", "__proto__", "constructor", "../shop/TOKEN"]) {
      expect(secrets.forTenant("shop").get(name)).toBeUndefined();
    }
  });
});

/** The store, counting how often everything is read; `away` makes it unavailable. */
class CountedSource implements SealedSecretSource {
  reads = 0;
  away = false;

  async revision(): Promise<number> {
    if (this.away) throw new AppError("unavailable", "The database does not answer.");
    return store.revision();
  }

  readAll(): ReturnType<SealedSecretSource["readAll"]> {
    this.reads++;
    return store.readAll();
  }
}

describe("stored secrets", () => {
  test("are read again only when something changed", async () => {
    const source = new CountedSource();
    const secrets = new StoredSecrets({ source, cipher, log });
    await putStored("shop", "TOKEN", "one");
    await Promise.all([secrets.refresh(), secrets.refresh(), secrets.refresh()]);
    await secrets.refresh();
    expect(source.reads).toBe(1);
    await store.delete("shop", "TOKEN");
    await secrets.refresh();
    expect(source.reads).toBe(2);
    expect(secrets.forTenant("shop").get("TOKEN")).toBeUndefined();
  });

  test("stay known while the store is away", async () => {
    const source = new CountedSource();
    const secrets = new StoredSecrets({ source, cipher, log });
    await putStored("shop", "TOKEN", "one");
    await secrets.refresh();
    source.away = true;
    await expect(secrets.refresh()).rejects.toMatchObject({ code: "unavailable" });
    expect(secrets.forTenant("shop").get("TOKEN")).toBe("one");
    source.away = false;
    await putStored("shop", "TOKEN", "two");
    await secrets.refresh();
    expect(secrets.forTenant("shop").get("TOKEN")).toBe("two");
  });

  test("that a refresh under way may have missed are seen by the next one", async () => {
    const secrets = new StoredSecrets({ source: store, cipher, log });
    const before = secrets.refresh();
    await putStored("shop", "TOKEN", "one");
    await secrets.refresh();
    expect(secrets.forTenant("shop").get("TOKEN")).toBe("one");
    await before;
  });

  test("that do not open are absent and named once in the log, never by their value; all others open", async () => {
    const lost = new SecretCipher([randomBytes(32)]);
    await putStored("shop", "LOST", "s3cr3t", lost);
    const moved = cipher.seal({ tenant: "other", name: "ADMIN" }, "s3cr3t");
    await store.put({ tenant: "shop", name: "MOVED", description: "", author: { id: "x", name: "x" }, ...moved });
    await putStored("shop", "GOOD", "value");
    const secrets = new StoredSecrets({ source: store, cipher, log });
    await secrets.refresh();
    const shop = secrets.forTenant("shop");
    expect([shop.get("LOST"), shop.get("MOVED"), shop.get("GOOD")]).toStrictEqual([undefined, undefined, "value"]);
    await putStored("shop", "GOOD", "other");
    await secrets.refresh();
    expect(shop.get("GOOD")).toBe("other");
    expect(logged.filter((line) => line.includes("LOST"))).toHaveLength(1);
    expect(logged.filter((line) => line.includes("MOVED"))).toHaveLength(1);
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toContain("s3cr3t");
  });

  test("of ten thousand are opened without holding up others", async () => {
    const sealed = Array.from({ length: 10_000 }, (_, i) => ({
      tenant: `t${i % 100}`,
      name: `S${i}`,
      description: "",
      version: 1,
      updatedBy: { id: "user:1", name: "Ada" },
      updatedAt: 0,
      ...cipher.seal({ tenant: `t${i % 100}`, name: `S${i}` }, `value ${i}`),
    }));
    const source = { revision: async () => 1, readAll: async () => ({ revision: 1, secrets: sealed }) };
    const secrets = new StoredSecrets({ source, cipher, log });
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    await secrets.refresh();
    clearInterval(counting);
    expect(secrets.forTenant("t99").get("S9999")).toBe("value 9999");
    expect(turns).toBeGreaterThan(5);
  });
});

describe("a store before the environment", () => {
  test("wins where both have a value, and leaves the rest to the environment also when it is away", async () => {
    const source = new CountedSource();
    const environment = { PASSERELLE_SECRET_shop__BOTH: "environment", PASSERELLE_SECRET_shop__ONE: "environment" };
    const layers = [new StoredSecrets({ source, cipher, log }), new EnvironmentSecrets({ environment })];
    const secrets = new LayeredSecrets(layers);
    await putStored("shop", "BOTH", "store");
    source.away = true;
    await expect(secrets.refresh()).rejects.toMatchObject({ code: "unavailable" });
    expect(secrets.forTenant("shop").get("ONE")).toBe("environment");
    source.away = false;
    await secrets.refresh();
    expect(secrets.forTenant("shop").get("BOTH")).toBe("store");
    expect(secrets.forTenant("shop").get("ONE")).toBe("environment");
  });
});
