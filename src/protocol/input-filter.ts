import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { InputRequest } from "../core/mcp-call.ts";
import { elicitationSchemaFor } from "./elicitation-schema-filter.ts";
import { type Rank, rank } from "./revisions.ts";
import { samplingParamsFor } from "./sampling-filter.ts";

/** Who is asked: its revision, and what it declared. */
export interface AskedClient {
  readonly rank: Rank;
  readonly capabilities: JsonObject;
}

/** A question as the client's revision knows it, or why it cannot be put. */
export type FilteredInput =
  | { readonly kind: "request"; readonly request: InputRequest }
  | {
      readonly kind: "refused";
      /** JSON-RPC code of the answer to the server that asks. */
      readonly code: -32601 | -32602;
      /** A sentence that says what the client lacks. */
      readonly message: string;
      /** What the client would have to declare (`requiredCapabilities` of 2026-07-28). */
      readonly lacks: JsonObject | undefined;
    };

/**
 * Puts a question of a server into the terms of the client's revision. A client is asked only for what
 * it declared; what its revision cannot carry is refused, never bent.
 *
 * @param makeId makes the `elicitationId` that 2025-11-25 wants and 2026-07-28 servers do not give
 */
export function filterInput(request: InputRequest, client: AskedClient, makeId: () => string): FilteredInput {
  switch (request.method) {
    case "roots/list":
      if (isJsonObject(client.capabilities["roots"])) return { kind: "request", request };
      return lacking("The client does not list roots.", { roots: {} });
    case "sampling/createMessage":
      return filterSampling(request, client);
    case "elicitation/create":
      return filterElicitation(request, client, makeId);
    default:
      return refuse(-32601, "Clients are asked for elicitation, sampling and roots only.");
  }
}

function filterSampling(request: InputRequest, { rank: receiver, capabilities }: AskedClient): FilteredInput {
  const sampling = capabilities["sampling"];
  if (!isJsonObject(sampling)) return lacking("The client does not offer sampling.", { sampling: {} });
  const { params } = request;
  const wantsTools = params["tools"] !== undefined || params["toolChoice"] !== undefined;
  if (wantsTools && (receiver < rank["2025-11-25"] || !isJsonObject(sampling["tools"]))) {
    return lacking("The client does not offer sampling with tools.", { sampling: { tools: {} } });
  }
  const known = samplingParamsFor(params, receiver);
  if (known === undefined) {
    return refuse(-32602, "The messages hold content that the client's protocol revision does not know.");
  }
  return { kind: "request", request: { method: request.method, params: withoutTask(known) } };
}

function filterElicitation(request: InputRequest, client: AskedClient, makeId: () => string): FilteredInput {
  const elicitation = client.capabilities["elicitation"];
  const isUrl = request.params["mode"] === "url";
  const required: JsonObject = { elicitation: isUrl ? { url: {} } : {} };
  if (client.rank < rank["2025-06-18"]) {
    return lacking("The client's protocol revision has no elicitation: its user cannot be asked.", required);
  }
  if (!isJsonObject(elicitation)) return lacking("The client does not offer elicitation.", required);
  const params = withoutTask(request.params);
  return isUrl ? filterUrlMode(params, elicitation, client, makeId) : filterForm(params, elicitation, client);
}

function filterUrlMode(
  params: JsonObject,
  elicitation: JsonObject,
  { rank: receiver }: AskedClient,
  makeId: () => string,
): FilteredInput {
  if (receiver < rank["2025-11-25"] || !isJsonObject(elicitation["url"])) {
    const { url } = params;
    const where = typeof url === "string" ? ` Open this address by hand: ${url}` : "";
    return lacking(`The client cannot send its user to a URL.${where}`, { elicitation: { url: {} } });
  }
  const { elicitationId, ...rest } = params;
  // 2025-11-25 requires the id; 2026-07-28 has none.
  const known = receiver === rank["2025-11-25"] ? { ...rest, elicitationId: elicitationId ?? makeId() } : rest;
  return { kind: "request", request: { method: "elicitation/create", params: known } };
}

function filterForm(params: JsonObject, elicitation: JsonObject, { rank: receiver }: AskedClient): FilteredInput {
  // An empty capability means forms (2025-11-25, elicitation, capabilities).
  if (isJsonObject(elicitation["url"]) && !isJsonObject(elicitation["form"])) {
    return lacking("The client does not show forms.", { elicitation: { form: {} } });
  }
  if (receiver >= rank["2025-11-25"]) return { kind: "request", request: { method: "elicitation/create", params } };
  const { mode: _mode, requestedSchema, ...rest } = params;
  const schema = isJsonObject(requestedSchema) ? elicitationSchemaFor(requestedSchema, receiver) : undefined;
  if (schema === undefined) {
    return refuse(-32602, "The form has required fields that the client's protocol revision does not know.");
  }
  return {
    kind: "request",
    request: { method: "elicitation/create", params: { ...rest, requestedSchema: schema } },
  };
}

/** Tasks (2025-11-25) are not carried: the answer is awaited. */
function withoutTask(params: JsonObject): JsonObject {
  if (params["task"] === undefined) return params;
  const { task: _task, ...rest } = params;
  return rest satisfies Record<string, JsonValue>;
}

function lacking(message: string, lacks: JsonObject): FilteredInput {
  return { kind: "refused", code: -32601, message, lacks };
}

function refuse(code: -32601 | -32602, message: string): FilteredInput {
  return { kind: "refused", code, message, lacks: undefined };
}
