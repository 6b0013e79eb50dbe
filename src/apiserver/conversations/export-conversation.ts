import type { ConversationRef, ConversationStore, Message, MessageQuery } from "../../core/conversation-store.ts";
import type { Page } from "../../core/page.ts";
import { markdownHead, markdownOf, type ShownConversation } from "./conversation-markdown.ts";

export type ExportFormat = "json" | "markdown";

export const exportTypes = { json: "application/json", markdown: "text/markdown" } as const;

const pageSize = 50;

/** What the JSON says of itself, for whoever reads it later. */
const mark = { format: "passerelle-conversation", version: 1 } as const;

export interface Export {
  readonly format: ExportFormat;
  /** Of the branch in Markdown; the one that is shown when absent. JSON has all of them. */
  readonly leafId: string | undefined;
}

/**
 * The conversation as a file: a page of messages is read when the client has taken the one before.
 *
 * @throws AppError `not_found` for a conversation or leaf that is not there
 */
export async function exportConversation(
  store: Pick<ConversationStore, "messages">,
  conversation: ShownConversation & ConversationRef,
  { format, leafId }: Export,
): Promise<ReadableStream<Uint8Array>> {
  const of: MessageQuery["of"] = format === "json" ? { kind: "tree" } : { kind: "path", leafId };
  const read = (cursor?: string): Promise<Page<Message>> =>
    store.messages(conversation, { limit: pageSize, of, cursor });
  // What is wrong is told before anything is answered.
  const pages = pagesFrom(await read(), read);
  return streamOf(format === "json" ? jsonTexts(conversation, pages) : markdownTexts(conversation, pages));
}

export function exportHeaders({ title }: ShownConversation, format: ExportFormat): Record<string, string> {
  const words =
    title
      .normalize("NFKD")
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const name = ["conversation", ...words].join("-").slice(0, 60).replace(/-$/, "");
  const [type, extension] =
    format === "json" ? [exportTypes.json, "json"] : [`${exportTypes.markdown}; charset=utf-8`, "md"];
  return { "content-type": type, "content-disposition": `attachment; filename="${name}.${extension}"` };
}

async function* pagesFrom(
  first: Page<Message>,
  read: (cursor: string) => Promise<Page<Message>>,
): AsyncGenerator<readonly Message[]> {
  for (let page = first; ; page = await read(page.nextCursor)) {
    yield page.items;
    if (page.nextCursor === undefined) return;
  }
}

async function* jsonTexts(
  conversation: ShownConversation,
  pages: AsyncIterable<readonly Message[]>,
): AsyncGenerator<string> {
  const head = JSON.stringify({ ...mark, conversation });
  yield `${head.slice(0, -1)},"messages":[`;
  let separator = "";
  for await (const messages of pages) {
    for (const message of messages) {
      yield separator + JSON.stringify(message);
      separator = ",";
    }
  }
  yield "]}\n";
}

async function* markdownTexts(
  conversation: ShownConversation,
  pages: AsyncIterable<readonly Message[]>,
): AsyncGenerator<string> {
  yield markdownHead(conversation);
  for await (const messages of pages) for (const message of messages) yield markdownOf(message);
}

function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}
