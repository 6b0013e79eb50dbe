import type { DocumentRef, DocumentVersion, StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { ServerParts } from "./server-parts.ts";
import { staleConflict } from "./stale-conflict.ts";

type Documents = Pick<ServerParts, "documents">;

/** The newest version of a server that is not deleted. @throws AppError `not_found` */
export async function findServer({ documents }: Documents, { tenant, name }: DocumentRef): Promise<StoredVersion> {
  const newest = await documents.get({ tenant, name });
  if (newest === undefined) throw new AppError("not_found", `The tenant ${tenant} has no server ${name}.`);
  if (newest.change !== "delete") return newest;
  throw new AppError("not_found", `The server ${name} is deleted; restore it to have it back.`, {
    data: { deletedVersion: newest.version },
  });
}

/** @throws AppError `conflict` when the newest version is not the one that a change is based on */
export async function requireBase(parts: Documents, newest: StoredVersion, basedOn: number): Promise<void> {
  if (newest.version === basedOn) return;
  throw await staleConflict(parts, newest, basedOn === 0 ? undefined : await parts.documents.get(newest, basedOn));
}

/** The version before the deletion. @throws AppError `unprocessable` when the server is not deleted */
export async function findDeleted({ documents }: Documents, newest: DocumentVersion): Promise<number> {
  if (newest.change !== "delete") {
    throw new AppError("unprocessable", "The server is not deleted: say which version to restore.");
  }
  const { items } = await documents.history(newest, { limit: 10 });
  const last = items.find(({ change }) => change !== "delete");
  if (last !== undefined) return last.version;
  throw new AppError("not_found", `No version of ${newest.name} has a text any more.`);
}
