import type { Author, DocumentRef, DocumentVersion, StoredVersion } from "./config-store.ts";
import { AppError } from "./errors.ts";

/** What names of documents and tenants look like: safe in URLs, file names and keys of databases. */
export const identifierPattern = /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/;

/** What a prefix is: segments of letters, digits, `.`, `_`, `~` and `-`, each behind a `/`. */
export const prefixPattern = /^(\/[A-Za-z0-9][A-Za-z0-9._~-]*)+$/;

/** Paths that no prefix may begin with: they belong to the gateway or the control plane. */
export const reservedPrefixes: readonly string[] = ["/healthz", "/readyz", "/metrics", "/status", "/api", "/oauth"];

/** Largest text of one document, in bytes of UTF-8. Escaped, it still fits into a packet of every database. */
export const maxDocumentBytes = 4 * 1_048_576;
const maxTagLength = 64;
const maxAuthorLength = 191;
const maxMessageLength = 10_000;

/** Whether a document may have this name: nothing is found, and nothing is saved, under another. */
export function isDocumentRef({ tenant, name }: DocumentRef): boolean {
  return identifierPattern.test(tenant) && identifierPattern.test(name);
}

export interface StorableChange extends DocumentRef {
  readonly author: Author;
  readonly message: string;
  /** Absent for a deletion. */
  readonly text?: string | undefined;
}

/**
 * Refuses what not every store can keep as it is.
 *
 * @throws AppError `unprocessable`, or `payload_too_large` for the text
 */
export function requireStorable({ tenant, name, author, message, text = "" }: StorableChange): void {
  if (!isDocumentRef({ tenant, name })) {
    throw unstorable("A tenant and a name are 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`.");
  }
  if (!isExact(text)) throw unstorable("The text has a NUL character or half a surrogate pair; no store keeps those.");
  if (Buffer.byteLength(text) > maxDocumentBytes) {
    throw new AppError("payload_too_large", `A document has at most ${maxDocumentBytes / 1_048_576} MB.`);
  }
  if (!isExact(message) || message.length > maxMessageLength) {
    throw unstorable(`A message has at most ${maxMessageLength} characters, and no NUL.`);
  }
  for (const part of [author.id, author.name]) {
    if (!isExact(part) || part.length > maxAuthorLength) {
      throw unstorable(`The name of an author has at most ${maxAuthorLength} characters, and no NUL.`);
    }
  }
}

/** @throws AppError `unprocessable` for a tag that not every store can keep, or that people could not tell apart */
export function requireTag(tag: string): void {
  if (tag.length > maxTagLength || !/^[\p{L}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{N}\p{P}\p{S}]+)*$/u.test(tag)) {
    throw unstorable(`A tag is 1 to ${maxTagLength} letters, digits and signs, with single spaces between them.`);
  }
}

/**
 * Refuses what is no history of one document, oldest version first; versions in between may have been forgotten.
 *
 * @throws AppError `unprocessable` or `payload_too_large`
 */
export function requireHistory(versions: readonly StoredVersion[]): void {
  let before: StoredVersion | undefined;
  for (const stored of versions) {
    requireStorable(stored);
    const { tenant, name, version, change, text } = stored;
    const isNext =
      before === undefined || (version > before.version && tenant === before.tenant && name === before.name);
    if (!isNext || !Number.isSafeInteger(version) || version < 1 || (change === "delete") !== (text === undefined)) {
      throw unstorable("A history is the versions of one document, oldest first, each with a text or a deletion.");
    }
    before = stored;
  }
  if (before === undefined) throw unstorable("A history has at least one version.");
}

/** The error for a change whose base is not the newest version, which is `current`. */
export function staleBase(current: DocumentVersion | undefined): AppError {
  if (current === undefined) return new AppError("conflict", "There is no such document.");
  const { version, change, author } = current;
  const what = change === "delete" ? `was deleted by ${author.name}` : `was saved by ${author.name}`;
  return new AppError("conflict", `The document has changed meanwhile: version ${version} ${what}.`, {
    data: { current },
  });
}

/** What UTF-8 brings back as it was, without the one character that a database may refuse. */
function isExact(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function unstorable(message: string): AppError {
  return new AppError("unprocessable", message);
}
