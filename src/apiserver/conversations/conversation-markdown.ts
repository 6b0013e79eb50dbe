import type { Conversation, Message, MessageRole } from "../../core/conversation-store.ts";
import type { MessagePart } from "../../core/message-part.ts";

/** What an export says of a conversation. */
export type ShownConversation = Pick<
  Conversation,
  "title" | "tenant" | "owner" | "model" | "servers" | "systemPrompt" | "totals" | "createdAt"
>;

/** The beginning of a conversation in Markdown: what it is, with what and at what cost. */
export function markdownHead(conversation: ShownConversation): string {
  const { title, tenant, owner, model, servers, systemPrompt, totals, createdAt } = conversation;
  const facts = [
    `Tenant: ${code(tenant)}`,
    ...(owner.name === "" ? [] : [`By: ${code(owner.name)}`]),
    `Begun: ${new Date(createdAt).toISOString()}`,
    ...(model === undefined ? [] : [`Model: ${code(model)}`]),
    ...(servers.length === 0 ? [] : [`Servers: ${servers.map(code).join(", ")}`]),
    `Tokens of all branches: ${totals.inputTokens} in, ${totals.outputTokens} out`,
    ...(totals.costMicroDollars === 0 ? [] : [`Cost of all branches: $${totals.costMicroDollars / 1_000_000}`]),
  ];
  const name = title === "" ? "Conversation" : title.replace(/\s+/g, " ").replace(/[\\`*_[\]<>#]/g, "\\$&");
  const system = systemPrompt === "" ? "" : `\n## System prompt\n\n${fence(systemPrompt)}\n`;
  return `# ${name}\n\n${facts.map((fact) => `- ${fact}\n`).join("")}${system}`;
}

const headings: Readonly<Record<MessageRole, string>> = {
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
  system: "System",
};

/** One message in Markdown. What people and models wrote stays as it is: it is Markdown already. */
export function markdownOf({ role, model, state, error, parts }: Message): string {
  const heading = `## ${headings[role]}${model === undefined ? "" : ` (${code(model)})`}`;
  const blocks = parts.map(partBlock).filter((block) => block !== "");
  const note = stateNote(state, error);
  return `\n${[heading, ...blocks, ...(note === undefined ? [] : [note])].join("\n\n")}\n`;
}

function stateNote(state: Message["state"], error: string | undefined): string | undefined {
  switch (state) {
    case "streaming":
      return "*This answer was still coming.*";
    case "interrupted":
      return "*This answer was interrupted; this is what came.*";
    case "failed":
      return `*This answer failed.*${error === undefined ? "" : `\n\n${fence(error)}`}`;
    case "complete":
      return error === undefined ? undefined : fence(error);
    default:
      return state satisfies never;
  }
}

function partBlock(part: MessagePart): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "reasoning":
      return part.text === "" ? "" : `> *Reasoning*\n>\n${part.text.replace(/^/gm, "> ")}`;
    case "image":
    case "audio":
    case "file":
      return `*[${part.kind}${part.name === undefined ? "" : ` ${code(part.name)}`}, ${code(part.mediaType)}, ${bytesOf(part.data)} bytes]*`;
    case "tool-call":
      return toolCallBlock(part);
    case "prompt":
      return `**Prompt** ${code(part.prompt)} of ${code(part.server)}\n\n${fence(part.text)}`;
    case "resource":
      return resourceBlock(part);
    default:
      return part satisfies never;
  }
}

function toolCallBlock(call: Extract<MessagePart, { kind: "tool-call" }>): string {
  const place = call.server === undefined ? "" : ` of ${code(call.server)}`;
  const facts = [
    ...(call.approval === undefined ? [] : [call.approval.state]),
    ...(call.durationMs === undefined ? [] : [`${Math.round(call.durationMs)} ms`]),
  ];
  const heading = `**Tool** ${code(call.tool)}${place}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
  const blocks = [heading, fence(call.editedArgumentsText ?? call.argumentsText, "json")];
  if (call.resultText !== undefined)
    blocks.push(
      call.isError === true ? "Result, which says that it failed:" : "Result:",
      fence(call.resultText, "json"),
    );
  if (call.error !== undefined) blocks.push("No result:", fence(call.error));
  return blocks.join("\n\n");
}

function resourceBlock({ server, uri, text, data }: Extract<MessagePart, { kind: "resource" }>): string {
  const heading = `**Resource** ${code(uri)} of ${code(server)}`;
  if (text !== undefined) return `${heading}\n\n${fence(text)}`;
  return data === undefined ? heading : `${heading}, ${bytesOf(data)} bytes`;
}

function bytesOf(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

/** A text in a line, whatever it holds. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ");
  const ticks = ticksFor(line, 1);
  const space = /^`|`$/.test(line) ? " " : "";
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** A text in a block of its own, whatever it holds. */
function fence(text: string, language = ""): string {
  const ticks = ticksFor(text, 3);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

function ticksFor(text: string, least: number): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return "`".repeat(longest < least ? least : longest + 1);
}
