import type { Kysely } from "kysely";
import type { ConversationRef, Message, MessageQuery } from "../../../core/conversation-store.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursor.ts";
import { AppError } from "../../../core/errors.ts";
import type { Page } from "../../../core/page.ts";
import type { Tables } from "../tables.ts";
import { noSuchConversation } from "./conversation-rows.ts";
import { toMessage } from "./message-rows.ts";

/** A page ends when its messages weigh more: whoever reads a conversation holds one page at a time. */
const maxPageBytes = 4 * 1_048_576;

/** As `ConversationStore.messages`. */
export async function listMessages(
  db: Kysely<Tables>,
  { tenant, id }: ConversationRef,
  query: MessageQuery,
): Promise<Page<Message>> {
  const after = query.cursor === undefined ? 0 : decodeCursor(query.cursor, isNumber);
  const conversation = await db
    .selectFrom("conversations")
    .select("leaf_id")
    .where("id", "=", id)
    .where("tenant", "=", tenant)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (conversation === undefined) throw noSuchConversation();
  const tree = await db
    .selectFrom("conversation_messages")
    .select(["id", "parent_id", "number", "bytes"])
    .where("conversation_id", "=", id)
    .orderBy("number")
    .execute();
  const chosen = query.of.kind === "tree" ? tree : pathTo(tree, query.of.leafId ?? conversation.leaf_id);
  const rest = chosen.filter(({ number }) => number > after);
  const page = firstOf(rest, query.limit);
  const last = page.at(-1);
  if (last === undefined) return { items: [] };
  const rows = await db
    .selectFrom("conversation_messages")
    .selectAll()
    .where("conversation_id", "=", id)
    .where(
      "number",
      "in",
      page.map(({ number }) => number),
    )
    .orderBy("number")
    .execute();
  const items = rows.map(toMessage);
  return page.length === rest.length ? { items } : { items, nextCursor: encodeCursor(last.number) };
}

interface Node {
  readonly id: string;
  readonly parent_id: string | null;
  readonly number: number;
  readonly bytes: number;
}

/** From the root on. A parent has a lower number than its children, so that this ends whatever the rows say. */
function pathTo(tree: readonly Node[], leafId: string | null): readonly Node[] {
  const byId = new Map(tree.map((node) => [node.id, node]));
  const path: Node[] = [];
  if (leafId !== null && !byId.has(leafId))
    throw new AppError("not_found", "There is no such message in this conversation.");
  let next = leafId === null ? undefined : byId.get(leafId);
  while (next !== undefined) {
    path.unshift(next);
    const parent: Node | undefined = next.parent_id === null ? undefined : byId.get(next.parent_id);
    next = parent !== undefined && parent.number < next.number ? parent : undefined;
  }
  return path;
}

/** As many as a page takes, at least one. */
function firstOf(nodes: readonly Node[], limit: number): readonly Node[] {
  let bytes = 0;
  const end = nodes.findIndex((node, index) => {
    bytes += node.bytes;
    return index === limit || (index > 0 && bytes > maxPageBytes);
  });
  return end === -1 ? nodes : nodes.slice(0, end);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
