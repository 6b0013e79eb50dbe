import type { Transaction } from "kysely";
import type {
  ChangeRequest,
  DocumentSummary,
  DocumentVersion,
  StoredVersion,
  VersionChange,
} from "../../../core/config-store.ts";
import { staleBase } from "../../../core/document-rules.ts";
import { AppError } from "../../../core/errors.ts";
import { nextRevision } from "../revisions.ts";
import type { Tables } from "../tables.ts";
import { hashOf, newestVersion, toRow, toVersion } from "./document-rows.ts";

/** A version that is not made yet. */
export interface Draft {
  readonly request: ChangeRequest;
  readonly change: VersionChange;
  readonly text: string | undefined;
  readonly summary: DocumentSummary | undefined;
  readonly savedAt: number;
}

/** Makes the next version, or answers the newest when it has this text already. Throws as `judge` does. */
export async function writeDraft(db: Transaction<Tables>, draft: Draft): Promise<DocumentVersion> {
  const { request, change, text, summary, savedAt } = draft;
  const revision = await nextRevision(db, "documents");
  const newest = await newestVersion(db, request);
  const answer = judge(draft, newest);
  if (answer !== undefined) return answer;
  const { tenant, name, author, message } = request;
  const version = (newest?.version ?? 0) + 1;
  const facts = { tenant, name, version, revision, change, author, message, savedAt, tags: [], summary, text };
  const row = toRow({ ...facts, hash: "" });
  await db.insertInto("document_versions").values(row).execute();
  const head = { version, revision, is_deleted: change === "delete" ? 1 : 0 };
  await (newest === undefined
    ? db
        .insertInto("documents")
        .values({ tenant, name, ...head })
        .execute()
    : db.updateTable("documents").set(head).where("tenant", "=", tenant).where("name", "=", name).execute());
  return toVersion(row);
}

/**
 * What a draft comes to when this version is the newest: that version itself when it has the text, undefined when the
 * draft is to be written.
 *
 * @throws AppError `conflict`, or `not_found` when there is nothing to delete
 */
export function judge(draft: Draft, newest: DocumentVersion | undefined): DocumentVersion | undefined {
  const { request, change, text } = draft;
  // Whatever it is based on: a save whose answer was lost may be sent again.
  if (text !== undefined && newest?.hash === hashOf(text)) return newest;
  if (request.basedOn !== (newest?.version ?? 0)) throw staleBase(newest);
  if (change === "delete" && (newest === undefined || newest.change === "delete")) {
    throw new AppError("not_found", "There is no such document.");
  }
  return undefined;
}

/** As `ConfigStore.load`: versions of one document, in their order. */
export async function writeHistory(db: Transaction<Tables>, versions: readonly StoredVersion[]): Promise<void> {
  const last = versions.at(-1);
  if (last === undefined) return; // nothing to write
  const { tenant, name, version, change } = last;
  const revision = await nextRevision(db, "documents", versions.length);
  const newest = await newestVersion(db, last);
  if (newest !== undefined) throw staleBase(newest);
  const first = revision - versions.length + 1;
  const rows = versions.map((stored, index) => toRow({ ...stored, revision: first + index }));
  // One at a time: texts of several megabytes would not fit into one packet.
  for (const row of rows) await db.insertInto("document_versions").values(row).execute();
  const head = { tenant, name, version, revision, is_deleted: change === "delete" ? 1 : 0 };
  await db.insertInto("documents").values(head).execute();
}
