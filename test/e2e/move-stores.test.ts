import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTables, type TableRow } from "../../src/adapters/sql/copy-tables.ts";
import { migrate } from "../../src/adapters/sql/migrate.ts";
import { SqlDatabase } from "../../src/adapters/sql/sql-database.ts";
import { SqlConversationStore } from "../../src/adapters/sql/sql-conversation-store.ts";
import { openStores } from "../../src/cli/archive/open-stores.ts";
import { runExport } from "../../src/cli/export-command.ts";
import { runImport } from "../../src/cli/import-command.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { StoredVersion } from "../../src/core/config-store.ts";
import { configStoreKinds, type StorePlace } from "../contracts/config-store-kinds.ts";

const timeout = 180_000;
const kinds = await configStoreKinds();
const author = { id: "u1", name: "Ann Ö." };

let folder: string;
const places: StorePlace[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "passerelle-move-"));
});

afterEach(async () => {
  await Promise.all(places.splice(0).map((place) => place.drop()));
  await rm(folder, { recursive: true, force: true });
}, timeout);

async function place(name: string): Promise<string> {
  const kind = kinds.find((each) => each.name === name);
  const made = await kind?.create();
  if (made === undefined) throw new Error(`no ${name}`);
  places.push(made);
  return made.address;
}

function recordingTerminal(): { readonly terminal: Terminal; readonly told: string[] } {
  const told: string[] = [];
  const write = (text: string): void => void told.push(text);
  return { told, terminal: { write, writeError: write, isInteractive: false, environment: {} } };
}

/** Fills a store: several versions, a deletion, a restoration, tags, a forgotten version, two tenants. */
async function fill(address: string): Promise<void> {
  const stores = await openStores({ store: address });
  const { documents } = stores;
  const save = async (name: string, tenant: string, edition: number, basedOn: number): Promise<void> => {
    const text = `# edition ${edition} 🙂\r\ntenant: ${tenant}\nname: ${name}\nroutes: [{ prefix: /${name} }]\n`;
    const summary = { title: `T${edition}`, description: undefined, prefixes: [`/${name}`], tools: 0, upstreams: [] };
    await documents.save({ tenant, name, basedOn, author, message: `edition ${edition}`, text, summary });
  };
  for (const tenant of ["default", "sales"]) {
    for (let edition = 1; edition <= 3; edition++) await save("crm", tenant, edition, edition - 1);
  }
  await documents.prune({ keepVersions: 2, keepSince: Date.now() + 1_000 });
  await save("gone", "default", 1, 0);
  await documents.delete({ tenant: "default", name: "gone", basedOn: 1, author, message: "away" });
  await save("back", "default", 1, 0);
  await documents.delete({ tenant: "default", name: "back", basedOn: 1, author, message: "away" });
  await documents.restore({ tenant: "default", name: "back", version: 1, basedOn: 2, author, message: "back" });
  await documents.tag({ tenant: "default", name: "crm" }, 2, "stable");
  await documents.tag({ tenant: "default", name: "crm" }, 2, "Größe 1");
  await stores.close();
}

/** Everything that a store has, but for its revisions. */
async function contentOf(address: string): Promise<StoredVersion[]> {
  const stores = await openStores({ store: address });
  const { documents } = stores;
  const found: StoredVersion[] = [];
  for (const state of ["current", "deleted"] as const) {
    for (const ref of (await documents.list({ limit: 200, state })).items) {
      for (const { version } of (await documents.history(ref, { limit: 200 })).items) {
        const stored = await documents.get(ref, version);
        if (stored !== undefined) found.push({ ...stored, revision: 0 });
      }
    }
  }
  await stores.close();
  return found;
}

async function rowsOf(address: string): Promise<TableRow[]> {
  const database = new SqlDatabase(address);
  const rows: TableRow[] = [];
  for await (const row of readTables(database)) rows.push(row);
  await database.close();
  return rows;
}

async function fillDatabase(address: string, users: number): Promise<void> {
  const database = new SqlDatabase(address);
  await migrate(database);
  const db = database.kysely;
  for (let index = 0; index < users; index++) {
    const id = `user-${String(index).padStart(4, "0")}`;
    const user = { id, email: `${id}@example.com`, name: "Ann 🙂 'x", status: "active", must_change_password: 0 };
    const secrets = { password_hash: "$argon2id$…", totp_secret: '{"sealed":"…"}', totp_pending: null, totp_step: 0 };
    await db
      .insertInto("users")
      .values({ ...user, ...secrets, created_at: 1_790_000_000_123, signed_in_at: null })
      .execute();
    await db.insertInto("memberships").values({ user_id: id, tenant: "*", role: "viewer" }).execute();
    await db.insertInto("memberships").values({ user_id: id, tenant: "default", role: "editor" }).execute();
  }
  await fillConversation(database);
  const signIn = { id: "s", token_hash: "h", user_id: "user-0000", method: "password", created_at: 1, used_at: 1 };
  await db
    .insertInto("sign_ins")
    .values({ ...signIn, ip: "", user_agent: "" })
    .execute();
  await database.close();
}

/** With messages that are as large as they may be, and more of them than are read at once. */
async function fillConversation(database: SqlDatabase): Promise<void> {
  const store = new SqlConversationStore(database, () => 1_790_000_000_123);
  const facts = { title: "Größe 🙂 'x", servers: ["crm"], systemPrompt: "", settings: { temperature: 0.5 } };
  const made = await store.create({ tenant: "default", ownerId: "user-0000", ...facts });
  const texts = Array.from({ length: messagesOfFill }, (_, index) =>
    index % 12 === 5 ? "\\'\n".repeat(650_000) : `message ${index} 🙂`,
  );
  for (const text of texts)
    await store.append(made, { role: "user", state: "complete", parts: [{ kind: "text", text }] });
}

const messagesOfFill = 25;

describe("moving everything", { timeout }, () => {
  const chain = ["YAML", "SQLite", "PostgreSQL", "MySQL", "YAML"].filter(
    (name) => kinds.find((kind) => kind.name === name)?.missing === undefined,
  );

  test(`through ${chain.join(", ")} changes nothing`, async () => {
    const first = await place("YAML");
    await fill(first);
    const content = await contentOf(first);
    expect(content.length).toBeGreaterThan(8);
    const people = await place("SQLite");
    await fillDatabase(people, 230);
    const rows = await rowsOf(people);
    expect(rows.length).toBe(1 + 230 * 3 + 1 + messagesOfFill);
    let [store, database] = [first, people];
    for (const name of chain.slice(1)) {
      const archive = join(folder, `${name}.ndjson`);
      const { terminal, told } = recordingTerminal();
      expect(await runExport({ store, database, file: archive }, terminal)).toBe(0);
      expect((await stat(archive)).mode & 0o777).toBe(0o600);
      store = await place(name);
      database = name === "YAML" ? await place("SQLite") : store;
      expect(await runImport({ store, database, file: archive }, terminal), told.join("")).toBe(0);
      expect(await contentOf(store)).toEqual(content);
      expect(await rowsOf(database)).toEqual(rows);
      expect(told.join("")).toContain("Imported 4 documents and 717 rows of the database.");
    }
    const archive = await readFile(join(folder, `${chain.at(-1)}.ndjson`), "utf8");
    expect(archive).not.toContain("token_hash");
  });

  test("by a pipe needs no file", async () => {
    const [from, to] = [await place("SQLite"), await place("YAML")];
    await fill(from);
    const pipe = new PassThrough();
    const { terminal, told } = recordingTerminal();
    const exporting = runExport({ store: from, file: "-", output: pipe }, terminal).finally(() => pipe.end());
    expect(await runImport({ store: to, file: "-", input: pipe }, terminal)).toBe(0);
    expect(await exporting).toBe(0);
    expect(await contentOf(to)).toEqual(await contentOf(from));
    // The tenant that every database begins with.
    expect(told.join("")).toContain("Left out: 1 row of the database, because no database was given (--database).");
  });
});

describe("an import", { timeout }, () => {
  async function archiveOf(address: string): Promise<string[]> {
    const file = join(folder, "archive.ndjson");
    await runExport({ store: address, file }, recordingTerminal().terminal);
    return (await readFile(file, "utf8")).split("\n").slice(0, -1);
  }

  function importLines(lines: readonly string[], options: { store: string; merge?: boolean }, terminal: Terminal) {
    const input = Readable.from(lines.map((line) => Buffer.from(`${line}\n`)));
    return runImport({ ...options, file: "-", input }, terminal);
  }

  test("into a store that is not empty is refused with what is there, or leaves that alone", async () => {
    const store = await place("SQLite");
    await fill(store);
    await fillDatabase(store, 2);
    const archive = await archiveOf(store);
    const { terminal, told } = recordingTerminal();
    await expect(importLines(archive, { store }, terminal)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/default\/back, default\/crm.*2 rows in users, 4 rows in memberships/),
    });
    const target = await place("SQLite");
    await fillDatabase(target, 1);
    const stores = await openStores({ store: target });
    const { documents } = stores;
    const text = "name: crm\ntitle: mine\n";
    await documents.save({ tenant: "default", name: "crm", basedOn: 0, author, message: "", text });
    await stores.close();
    const rows = await rowsOf(target);
    expect(await importLines(archive, { store: target, merge: true }, terminal)).toBe(0);
    expect(told.join("")).toContain("default/crm is there already and was left alone.");
    expect(told.join("")).toContain("Imported 3 documents");
    expect(told.join("")).toContain(
      "because the database has users, memberships, conversations, conversation_messages already.",
    );
    expect(await rowsOf(target)).toEqual(rows);
    const content = await contentOf(target);
    expect(content.find(({ name, tenant }) => name === "crm" && tenant === "default")?.text).toBe(text);
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ["is cut off", (lines) => lines.slice(0, 4), /^line 5: the archive ends before its last line/],
    ["is empty", () => [], /^line 1: the archive ends/],
    ["is something else", () => ["name: crm"], /^line 1: it is not JSON/],
    ["has no header", (lines) => lines.slice(1), /^line 1: this is not an archive/],
    ["has another format", (lines) => [`${lines[0]?.replace('"version":1', '"version":9')}`], /^line 1: .* format 9/],
    ["has a line that lacks something", (lines) => lines.with(2, '{"kind":"version"}'), /^line 3: tenant/],
    ["has a line of another kind", (lines) => lines.with(2, '{"kind":"spell"}'), /^line 3: kind/],
    [
      "has another text than was saved",
      (lines) => lines.with(1, `${lines[1]}`.replace("🙂", ":-)")),
      /^line 2: its text/,
    ],
    [
      "has rows of a table that nobody may fill",
      (lines) => lines.with(lines.length - 1, '{"kind":"row","table":"sign_ins","row":{"id":"x"}}'),
      /There is no table "sign_ins"/,
    ],
    [
      "has rows with other columns",
      (lines) => lines.with(lines.length - 1, '{"kind":"row","table":"tenants","row":{"id":"x","title\\"; drop":"x"}}'),
      /Table tenants has no column/,
    ],
    [
      "has a row twice",
      (lines) => lines.flatMap((line) => (line.includes('"table":"users"') ? [line, line] : [line])),
      /refuses rows of table users/,
    ],
  ])("of an archive that %s tells the line, and no row is there", async (_what, damage, expected) => {
    const store = await place("SQLite");
    await fill(store);
    await fillDatabase(store, 1);
    const lines = await archiveOf(store);
    const target = await place("SQLite");
    const failure = importLines(damage(lines), { store: target }, recordingTerminal().terminal);
    await expect(failure).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(expected) });
    expect((await rowsOf(target)).map(({ table }) => table)).toEqual(["tenants"]);
    const whole = await contentOf(store);
    for (const version of await contentOf(target)) expect(whole).toContainEqual(version);
  });

  test("tells a document that cannot be kept and takes the others", async () => {
    const store = await place("SQLite");
    await fill(store);
    const lines = await archiveOf(store);
    const bad = `${lines[1]}`.replace('"name":"back"', '"name":"../back"');
    const { terminal, told } = recordingTerminal();
    const target = await place("YAML");
    expect(await importLines(lines.with(1, bad), { store: target }, terminal)).toBe(1);
    expect(told.join("")).toMatch(/line 2: default\/\.\.\/back was not imported/);
    expect(told.join("")).toContain("Not imported: 1 document.");
  });

  test("and an export of places that are not there fail with one sentence", async () => {
    const { terminal } = recordingTerminal();
    const store = await place("SQLite");
    const missing = join(folder, "none", "archive");
    await expect(runImport({ store, file: missing }, terminal)).rejects.toMatchObject({ exitCode: 74 });
    await expect(runExport({ store, file: missing }, terminal)).rejects.toMatchObject({ exitCode: 74 });
    for (const address of [`sqlite:${join(folder, "mistyped.db")}`, `yaml:${join(folder, "mistyped")}`]) {
      const failure = { exitCode: 74, message: expect.stringContaining(`${address} names nothing to read from`) };
      await expect(runExport({ store: address, file: "-" }, terminal)).rejects.toMatchObject(failure);
    }
    expect((await readdir(folder)).filter((name) => name.startsWith("mistyped"))).toEqual([]);
    await writeFile(join(folder, "file"), "");
    const bad = [`yaml:${join(folder, "file")}`, "nonsense:"];
    for (const address of bad) {
      await expect(runExport({ store: address, file: "-" }, terminal)).rejects.toMatchObject({ exitCode: 1 });
    }
  });
});
