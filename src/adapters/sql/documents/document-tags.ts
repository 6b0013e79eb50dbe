import type { Transaction } from "kysely";
import type { DocumentRef } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";
import type { SqlTraits } from "../sql-dialects.ts";
import type { Tables } from "../tables.ts";
import { noTags, readTags } from "./document-rows.ts";

interface Tag extends DocumentRef {
  readonly tag: string;
}

/** As `ConfigStore.tag`. */
export async function addTag(db: Transaction<Tables>, traits: SqlTraits, wanted: Tag & { version: number }) {
  await lockDocument(db, traits, wanted);
  const row = await db
    .selectFrom("document_versions")
    .select(["version", "tags"])
    .where("tenant", "=", wanted.tenant)
    .where("name", "=", wanted.name)
    .where("version", "=", wanted.version)
    .executeTakeFirst();
  if (row === undefined) throw new AppError("not_found", `There is no version ${wanted.version} of the document.`);
  const tags = readTags(row);
  if (tags.includes(wanted.tag)) return;
  await takeAway(db, wanted);
  await writeTags(db, wanted, wanted.version, [...tags, wanted.tag]);
}

/** As `ConfigStore.untag`. */
export async function removeTag(db: Transaction<Tables>, traits: SqlTraits, unwanted: Tag): Promise<void> {
  await lockDocument(db, traits, unwanted);
  await takeAway(db, unwanted);
}

/** Whoever changes tags of a document waits here for the others, so that no name is given twice. */
async function lockDocument(db: Transaction<Tables>, traits: SqlTraits, ref: DocumentRef): Promise<void> {
  await db
    .selectFrom("documents")
    .select("version")
    .where("tenant", "=", ref.tenant)
    .where("name", "=", ref.name)
    .$if(traits.locksRows, (select) => select.forUpdate())
    .execute();
}

async function takeAway(db: Transaction<Tables>, { tag, ...ref }: Tag): Promise<void> {
  const tagged = await db
    .selectFrom("document_versions")
    .select(["version", "tags"])
    .where("tenant", "=", ref.tenant)
    .where("name", "=", ref.name)
    .where("tags", "<>", noTags)
    .execute();
  for (const row of tagged) {
    const tags = readTags(row);
    if (tags.includes(tag)) {
      await writeTags(
        db,
        ref,
        row.version,
        tags.filter((other) => other !== tag),
      );
    }
  }
}

async function writeTags(
  db: Transaction<Tables>,
  ref: DocumentRef,
  version: number,
  tags: readonly string[],
): Promise<void> {
  await db
    .updateTable("document_versions")
    .set({ tags: JSON.stringify(tags) })
    .where("tenant", "=", ref.tenant)
    .where("name", "=", ref.name)
    .where("version", "=", version)
    .execute();
}
