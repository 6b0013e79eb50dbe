import type { Caller } from "../../access/caller.ts";
import type { AuditLog } from "../../core/audit-log.ts";
import type { Conversation, ConversationQuery, ConversationStore } from "../../core/conversation-store.ts";
import { AppError } from "../../core/errors.ts";
import type { Call } from "../operation.ts";

/** What the operations on conversations work with. */
export interface ConversationParts {
  readonly conversations: ConversationStore;
  readonly audit: AuditLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Whose conversations a caller has. Somebody who is signed in has all of their own. A key has those that were made with
 * it: whoever is given a key, or replaces one, reads nothing that its owner wrote elsewhere.
 */
export interface Holder {
  readonly ownerId: string;
  readonly keyId?: string;
}

/** @throws AppError `forbidden` for a program that is no user's */
export function holderOf(caller: Caller | undefined): Holder {
  if (caller?.userId === undefined) throw new AppError("forbidden", "A conversation needs a user who owns it.");
  const { kind, userId: ownerId, id } = caller;
  return kind === "user" ? { ownerId } : { ownerId, keyId: id.slice("key:".length) };
}

export function holds({ ownerId, keyId }: Holder, conversation: Conversation): boolean {
  return conversation.owner.id === ownerId && (keyId === undefined || conversation.keyId === keyId);
}

/** Which ones a caller lists. */
export function listedFor(caller: Caller | undefined, of: "own" | "shared"): ConversationQuery["of"] {
  return of === "shared" ? { kind: "shared" } : { kind: "own", ...holderOf(caller) };
}

type ConversationCall = Pick<
  Call<{ readonly tenant: string; readonly conversation: string }, unknown, unknown>,
  "caller" | "params"
>;

/** One's own, or one that is shared; @throws AppError `not_found`, in the same words for others' and for none */
export async function requireReadable(
  { conversations }: Pick<ConversationParts, "conversations">,
  { caller, params: { tenant, conversation: id } }: ConversationCall,
): Promise<Conversation> {
  const found = await conversations.get({ tenant, id });
  if (found !== undefined && (found.isShared || holds(holderOf(caller), found))) return found;
  throw new AppError("not_found", "There is no such conversation in this tenant.");
}

/** One's own; @throws AppError `forbidden` for one that is shared by somebody else, `not_found` for any other */
export async function requireOwn(
  parts: Pick<ConversationParts, "conversations">,
  call: ConversationCall,
): Promise<Conversation> {
  const found = await requireReadable(parts, call);
  if (holds(holderOf(call.caller), found)) return found;
  throw new AppError("forbidden", "This conversation is shared with you to read. Only who it belongs to changes it.");
}
