import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import { filterBlock } from "../../protocol/revision-filter.ts";
import type { Rank } from "../../protocol/revisions.ts";
import type { ProxiedPrompt, UriNamespace } from "../catalogue/server-view.ts";
import type { CompiledPrompt } from "../compile/compile-prompt.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { forwardRound } from "../proxy/forward-round.ts";
import { promptRequest } from "../proxy/mcp-requests.ts";
import { sealResult } from "../seal-result.ts";
import { findServed } from "./find-served.ts";

/** `prompts/get`: the configured messages with the client's arguments written in, or those of an upstream. */
export function getPrompt(exchange: Exchange, params: JsonObject): Reply | Promise<Reply> {
  const { name } = params;
  if (typeof name !== "string") throw new AppError("invalid_params", "params.name must be a string.");
  return findServed(
    exchange,
    (view) => view.prompts.get(name),
    (prompt, view) => {
      if (prompt.kind === "mcp") return getProxied(exchange, prompt, view.namespaceOf(prompt.upstream));
      return getConfigured(exchange, prompt, params);
    },
    () => new AppError("invalid_params", "Unknown prompt."),
  );
}

function getProxied(
  exchange: Exchange,
  prompt: ProxiedPrompt,
  namespace: UriNamespace | undefined,
): Reply | Promise<Reply> {
  const request = promptRequest(exchange, prompt);
  return forwardRound({
    exchange,
    method: "prompts/get",
    upstream: prompt.upstream,
    request,
    namespace,
    uri: undefined,
  });
}

function getConfigured(exchange: Exchange, prompt: CompiledPrompt, params: JsonObject): Reply {
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
