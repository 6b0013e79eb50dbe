import { join } from "node:path";
import type { DocumentRef } from "../../../core/config-store.ts";
import { AppError } from "../../../core/errors.ts";

/** Folder of a store beside the documents; its name begins with a dot, so nobody takes what is in it for documents. */
const stateFolder = ".passerelle";

/** Where everything of a store is. */
export class StorePaths {
  readonly root: string;
  readonly state: string;
  readonly histories: string;
  readonly changes: string;
  readonly lock: string;
  readonly intent: string;
  readonly ignore: string;

  /** @param root absolute path of the folder that people see */
  constructor(root: string) {
    this.root = root;
    this.state = join(root, stateFolder);
    this.histories = join(this.state, "history");
    this.changes = join(this.state, "changes.ndjson");
    this.lock = join(this.state, "lock");
    this.intent = join(this.state, "intent.json");
    this.ignore = join(this.state, ".gitignore");
  }

  historyFolder({ tenant, name }: DocumentRef): string {
    return join(this.histories, tenant, name);
  }

  versionLog(ref: DocumentRef): string {
    return join(this.historyFolder(ref), "versions.ndjson");
  }

  versionText(ref: DocumentRef, version: number): string {
    return join(this.historyFolder(ref), `${version}.yaml`);
  }
}

/** What documents and tenants are called: also what makes their names safe as names of files. */
const identifier = /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/;

export function isValidRef({ tenant, name }: DocumentRef): boolean {
  return identifier.test(tenant) && identifier.test(name);
}

/** @throws AppError `unprocessable` for names that no document can have */
export function checkRef(ref: DocumentRef): void {
  if (isValidRef(ref)) return;
  throw new AppError(
    "unprocessable",
    "Names of documents and tenants are 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`, beginning and ending with a letter or digit.",
  );
}

/** Where a new document is put, relative to the root. */
export function ownFile({ tenant, name }: DocumentRef): string {
  return `${tenant}/${name}.yaml`;
}

export function keyOf({ tenant, name }: DocumentRef): string {
  return `${tenant}/${name}`;
}

export function refOf(key: string): DocumentRef {
  const [tenant = "", name = ""] = key.split("/");
  return { tenant, name };
}
