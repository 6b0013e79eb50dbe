import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { InputRequest } from "../../core/mcp-call.ts";
import type { McpError } from "../../upstreams/mcp/mcp-request.ts";
import type { Exchange } from "../exchange.ts";
import { encodeInputRequired } from "../input/input-required.ts";
import { bindingOf } from "../input/request-binding.ts";

/** The URLs of one error; more are left out. */
const maxUrls = 20;

/**
 * The error of 2025-11-25 that wants a user to open URLs first, as questions to a client of 2026-07-28;
 * its next request calls the tool again. Undefined when the client cannot be asked that.
 */
export function passOnUrls(exchange: Exchange, error: McpError): string | undefined {
  const { inquirer, server, inputTimeoutMs } = exchange;
  const requests = readUrls(error).map(({ url, message }, index): [string, InputRequest] => [
    `url-${index + 1}`,
    { method: "elicitation/create", params: { mode: "url", message, url } },
  ]);
  if (inquirer.rounds === undefined || requests.length === 0) return undefined;
  if (requests.some(([, request]) => inquirer.reasonAgainst(exchange, request) !== undefined)) return undefined;
  const state = inquirer.rounds.states.write({ kind: "visited" }, bindingOf(exchange), inputTimeoutMs);
  return encodeInputRequired(server, requests, state);
}

/** The same as a sentence, for clients that cannot open URLs. */
export function describeUrls(error: McpError): string {
  const urls = readUrls(error).map(({ url, message }) => `${message} ${url}`.trim());
  return [`${error.message} Open this by hand, then call again:`, ...urls].join("\n");
}

/** Whether the user has refused to open one of the URLs. */
export function hasDeclined(answers: JsonObject): boolean {
  return Object.values(answers).some((answer) => isJsonObject(answer) && answer["action"] !== "accept");
}

function readUrls({ data }: McpError): { readonly url: string; readonly message: string }[] {
  const listed: JsonValue | undefined = isJsonObject(data) ? data["elicitations"] : undefined;
  if (!Array.isArray(listed)) return [];
  const urls: { url: string; message: string }[] = [];
  for (const entry of listed.slice(0, maxUrls) as readonly JsonValue[]) {
    if (!isJsonObject(entry) || typeof entry["url"] !== "string") continue;
    urls.push({ url: entry["url"], message: typeof entry["message"] === "string" ? entry["message"] : "" });
  }
  return urls;
}
