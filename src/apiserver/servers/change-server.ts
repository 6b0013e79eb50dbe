import type { Caller } from "../../access/caller.ts";
import { isAllowed } from "../../access/permissions.ts";
import type { Author, ChangeRequest, DocumentRef, DocumentVersion, StoredVersion } from "../../core/config-store.ts";
import type { JudgedDocument } from "../../core/document-judge.ts";
import { AppError } from "../../core/errors.ts";
import { recordChange } from "../audit.ts";
import type { Call } from "../operation.ts";
import { diffTexts } from "./diff-texts.ts";
import type { GuardedChange } from "./guarded-changes.ts";
import { judgeDraft, refuseBroken } from "./judge-draft.ts";
import type { ServerParts } from "./server-parts.ts";
import { staleConflict } from "./stale-conflict.ts";

type AnyCall = Call<unknown, unknown, unknown>;

/** A change that somebody asks for. */
export interface ServerChange {
  readonly parts: ServerParts;
  readonly call: AnyCall;
  readonly ref: DocumentRef;
  /** The newest version that was found; undefined when there is none. */
  readonly newest: StoredVersion | undefined;
  readonly message: string;
}

/**
 * Saves a text when it is judged good, and tells gateways.
 *
 * @param known what was found of the text, when it was judged already
 * @throws AppError `unprocessable` with its problems, `forbidden` for what the caller may not define, `conflict`
 */
export async function saveText(change: ServerChange, text: string, known?: JudgedDocument): Promise<DocumentVersion> {
  const summary = await judgeChange(change, text, known);
  return carryOut(change, { action: "server.save", text }, (request) =>
    change.parts.documents.save({ ...request, text, summary }),
  );
}

/** Makes the text of an older version the newest, judged as a save is: what was good once may not be any more. */
export async function restoreText(change: ServerChange, version: number, text: string): Promise<DocumentVersion> {
  await judgeChange(change, text);
  return carryOut(change, { action: "server.restore", text }, (request) =>
    change.parts.documents.restore({ ...request, version }),
  );
}

export function deleteServer(change: ServerChange): Promise<DocumentVersion> {
  return carryOut(change, { action: "server.delete", text: "" }, (request) => change.parts.documents.delete(request));
}

async function judgeChange({ parts, call, ref, newest }: ServerChange, text: string, known?: JudgedDocument) {
  const judged = await judgeDraft(parts, { ...ref, text, known, newest });
  refuseBroken(judged);
  demand(call.caller, ref.tenant, judged.guarded);
  return judged.summary;
}

function demand(caller: Caller | undefined, tenant: string, guarded: readonly GuardedChange[]): void {
  for (const { permission, deed } of guarded) {
    if (caller !== undefined && isAllowed(caller.roles, permission, tenant)) continue;
    throw new AppError(
      "forbidden",
      `The document ${deed}, which the newest version does not: this needs the permission ${permission}.`,
      { data: { permission } },
    );
  }
}

interface Deed {
  readonly action: string;
  /** What the newest text becomes. */
  readonly text: string;
}

async function carryOut(
  { parts, call, ref, newest, message }: ServerChange,
  { action, text }: Deed,
  change: (request: ChangeRequest) => Promise<DocumentVersion>,
): Promise<DocumentVersion> {
  const basedOn = newest?.version ?? 0;
  const author = authorOf(call);
  const made = await change({ ...ref, basedOn, author, message }).catch(async (error: unknown) => {
    throw error instanceof AppError && error.code === "conflict" ? await staleConflict(parts, ref, newest) : error;
  });
  // The text was the newest already.
  if (made.version === basedOn) return made;
  void parts.announcer.announce("documents").catch((error: unknown) => {
    parts.log.warn("gateways were not told of a change; they will find it", { error });
  });
  await recordServerChange(parts, call, {
    ref,
    action,
    message,
    before: newest === undefined ? undefined : { version: newest.version, sha256: newest.hash },
    after: { version: made.version, sha256: made.hash, diff: auditDiff(newest, text, made) },
  });
  return made;
}

function authorOf({ caller }: AnyCall): Author {
  return { id: caller?.id ?? "anonymous", name: caller?.name ?? "anonymous" };
}

/** Longest difference that an audit entry holds; the history has all of it. */
const maxAuditedDiff = 16_384;

function auditDiff(newest: StoredVersion | undefined, text: string, made: DocumentVersion): string {
  const { unified } = diffTexts(
    { label: `version ${newest?.version ?? 0}`, text: newest?.text ?? "" },
    { label: `version ${made.version}`, text },
  );
  return unified.length > maxAuditedDiff ? `${unified.slice(0, maxAuditedDiff)}\n… cut off` : unified;
}

export interface RecordedServerChange {
  readonly ref: DocumentRef;
  readonly action: string;
  readonly message?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Writes to the audit log what is done already: when that fails, the log of the process has the entry. */
export async function recordServerChange(
  { audit, log }: ServerParts,
  call: AnyCall,
  { ref, action, message, before, after }: RecordedServerChange,
): Promise<void> {
  const { tenant, name } = ref;
  const change = { action, tenant, target: { kind: "server", id: name }, before, after: withMessage(after, message) };
  try {
    await recordChange(audit, call, change);
  } catch (error) {
    log.error("a change is missing from the audit log", { error, entry: { ...change, actor: call.caller?.id } });
  }
}

function withMessage(after: unknown, message: string | undefined): unknown {
  return message === undefined || message === "" || typeof after !== "object" ? after : { ...after, message };
}
