import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import type { AuditEntry, AuditLog, AuditQuery } from "../../core/audit-log.ts";
import { AppError } from "../../core/errors.ts";
import type { Page } from "../../core/page.ts";
import type { SqlDatabase } from "./sql-database.ts";

export interface AuditTables {
  audit_log: {
    /** Twelve digits of the time in base 16, then a counter and random digits: sorts by time. */
    id: string;
    at: number;
    tenant: string | null;
    actor_kind: string;
    actor_id: string;
    actor_name: string;
    action: string;
    target_kind: string;
    target_id: string;
    before_json: string | null;
    after_json: string | null;
    ip: string | null;
    request_id: string | null;
  };
}

const idPattern = /^[0-9a-f]{28}$/;

/** The audit log in one of the three databases. */
export class SqlAuditLog implements AuditLog {
  readonly #database: SqlDatabase;
  #counter = 0;

  /** @param database stays open when the log is closed: who opened it closes it */
  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async append(entry: Omit<AuditEntry, "id">): Promise<void> {
    const row = { id: this.#nextId(entry.at), ...rowOf(entry) };
    await this.#database.read((db) => db.insertInto("audit_log").values(row).execute());
  }

  async list(query: AuditQuery): Promise<Page<AuditEntry>> {
    const { cursor, limit } = query;
    if (cursor !== undefined && !idPattern.test(cursor))
      throw new AppError("bad_request", "The cursor is none of this list. Ask for the first page without one.");
    if (query.tenants?.length === 0) return { items: [] };
    const rows = await this.#database.read((db) => {
      let select = db
        .selectFrom("audit_log")
        .selectAll()
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (query.tenants !== undefined) select = select.where("tenant", "in", query.tenants);
      if (query.actorId !== undefined) select = select.where("actor_id", "=", query.actorId);
      if (query.action !== undefined) select = select.where("action", "=", query.action);
      if (query.targetKind !== undefined) select = select.where("target_kind", "=", query.targetKind);
      if (query.targetId !== undefined) select = select.where("target_id", "=", query.targetId);
      if (query.from !== undefined) select = select.where("at", ">=", query.from);
      if (query.to !== undefined) select = select.where("at", "<", query.to);
      if (cursor !== undefined) select = select.where("id", "<", cursor);
      return select.execute();
    });
    const items = rows.slice(0, limit).map(entryOf);
    const last = items.at(-1);
    return rows.length > limit && last !== undefined ? { items, nextCursor: last.id } : { items };
  }

  async prune(before: number): Promise<number> {
    const { numDeletedRows } = await this.#database.read((db) =>
      db.deleteFrom("audit_log").where("at", "<", before).executeTakeFirst(),
    );
    return Number(numDeletedRows);
  }

  async close(): Promise<void> {
    // The database is not ours.
  }

  #nextId(at: number): string {
    this.#counter = (this.#counter + 1) % 0x10_000;
    const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
    return time + this.#counter.toString(16).padStart(4, "0") + randomBytes(6).toString("hex");
  }
}

/** What is longer is cut: names of people and paths of targets, never what an entry is found by. */
const maxText = 2_000;

function rowOf(entry: Omit<AuditEntry, "id">): Omit<Selectable<AuditTables["audit_log"]>, "id"> {
  return {
    at: entry.at,
    tenant: entry.tenant ?? null,
    actor_kind: entry.actor.kind,
    actor_id: entry.actor.id,
    actor_name: entry.actor.name.slice(0, maxText),
    action: entry.action,
    target_kind: entry.target.kind,
    target_id: entry.target.id.slice(0, maxText),
    before_json: toText(entry.before),
    after_json: toText(entry.after),
    ip: entry.ip ?? null,
    request_id: entry.requestId ?? null,
  };
}

function toText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function entryOf(row: Selectable<AuditTables["audit_log"]>): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: { kind: actorKind(row.actor_kind), id: row.actor_id, name: row.actor_name },
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id },
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    ...(row.before_json === null ? {} : { before: JSON.parse(row.before_json) as unknown }),
    ...(row.after_json === null ? {} : { after: JSON.parse(row.after_json) as unknown }),
    ...(row.ip === null ? {} : { ip: row.ip }),
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
  };
}

const actorKinds = ["user", "key", "program", "anonymous"] as const;

function actorKind(text: string): AuditEntry["actor"]["kind"] {
  return actorKinds.find((kind) => kind === text) ?? "program";
}
