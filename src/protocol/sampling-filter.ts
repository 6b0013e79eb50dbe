import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type Rank, rank } from "./revisions.ts";

/**
 * The parameters of `sampling/createMessage` as a client of that revision knows them. Before 2025-11-25
 * a message holds one block: several become several messages of the same role.
 *
 * @returns undefined when a block cannot be said there (tools; audio before 2025-03-26)
 */
export function samplingParamsFor(params: JsonObject, receiver: Rank): JsonObject | undefined {
  const { messages } = params;
  if (receiver >= rank["2025-11-25"] || !Array.isArray(messages)) return params;
  const known: JsonValue[] = [];
  for (const message of messages) {
    const content = isJsonObject(message) ? message["content"] : undefined;
    const blocks: readonly (JsonValue | undefined)[] = Array.isArray(content) ? content : [content];
    for (const block of blocks) {
      if (!isJsonObject(message) || !isKnownBlock(block, receiver)) return undefined;
      known.push({ ...message, content: block });
    }
  }
  return { ...params, messages: known };
}

function isKnownBlock(block: JsonValue | undefined, receiver: Rank): block is JsonObject {
  if (!isJsonObject(block)) return false;
  switch (block["type"]) {
    case "text":
    case "image":
      return true;
    case "audio":
      return receiver >= rank["2025-03-26"];
    default:
      return false;
  }
}
