import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import { filterBlock } from "../../protocol/revision-filter.ts";
import type { Rank } from "../../protocol/revisions.ts";
import type { Exchange, Reply } from "../exchange.ts";
import { sealResult } from "../seal-result.ts";

/** `prompts/get`: the configured messages with the client's arguments written in. */
export function getPrompt(exchange: Exchange, params: JsonObject): Reply {
  const { name } = params;
  if (typeof name !== "string") throw new AppError("invalid_params", "params.name must be a string.");
  const prompt = exchange.server.parts.prompts.get(name);
  if (prompt === undefined) throw new AppError("invalid_params", "Unknown prompt.");
  const given = params["arguments"] ?? {};
  if (!isJsonObject(given)) throw new AppError("invalid_params", "params.arguments must be an object.");
  const messages = prompt.messages(exchange, given).map((message) => filterMessage(message, exchange.rank));
  const { description } = prompt.definition;
  const text = stringifyJson({ ...(description === undefined ? {} : { description }), messages });
  return sealResult(exchange, text.slice(0, -1));
}

function filterMessage(message: JsonValue, receiver: Rank): JsonValue {
  if (!isJsonObject(message) || !isJsonObject(message["content"])) return message;
  return { ...message, content: filterBlock(message["content"], receiver) };
}
