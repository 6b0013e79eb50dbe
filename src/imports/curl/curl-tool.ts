import { AppError } from "../../core/errors.ts";
import { httpMethods } from "../../core/config/request-schema.ts";
import type { JsonObject } from "../../core/json.ts";
import { toToolName } from "../document/identifier.ts";
import type { ImportNote } from "../report/import-report.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import { ArgumentList } from "./argument-list.ts";
import { dataText, pairsBody, readBody } from "./curl-body.ts";
import type { CurlRequest } from "./curl-command.ts";
import { type CurlHeaders, readHeaders } from "./curl-headers.ts";
import { milliseconds } from "./curl-network.ts";
import { type CurlPath, readPath } from "./curl-path.ts";
import { type CurlUrl, readPairs } from "./curl-url.ts";
import { placeholderName } from "./guessed-value.ts";

/** A request as a tool, without name and upstream. */
export interface CurlTool {
  /** What it would like to be called. */
  readonly name: string;
  /** `POST /users/{user_id}` */
  readonly title: string;
  readonly input: JsonObject;
  readonly request: JsonObject;
  /** Annotations, timeoutMs. */
  readonly keys: JsonObject;
  readonly headers: CurlHeaders;
}

export interface ToolContext {
  readonly request: CurlRequest;
  readonly url: CurlUrl;
  /** Begins the names of secrets: the upstream's. */
  readonly owner: string;
  readonly secrets: NeededSecrets;
  readonly note: (note: ImportNote) => void;
}

/** Makes a tool of one request. Throws `unprocessable` with the line for what no tool can be. */
export function makeTool({ request, url, owner, secrets, note }: ToolContext): CurlTool {
  const args = new ArgumentList();
  const path = readPath(url.path, args);
  const method = methodOf(request);
  const keepSecret = (name: string, value: string): string =>
    secrets.reference(placeholderName(value) ?? `${owner}_${name}`, `\`${name}\` of ${method} ${path.path}`, value);
  const headers = readHeaders({ request, userInfo: url.userInfo, owner, secrets, note });
  const isQueryOnly = request.options.has("get");
  const query = pairsBody([...url.query, ...queryOptions(request)], { args, keepSecret });
  const body = isQueryOnly
    ? undefined
    : readBody({ request, contentType: headers.contentType, args, keepSecret, note });
  const timeoutMs = milliseconds(request.options.get("maxTime")?.at(-1));
  return {
    name: nameOf(method, path),
    title: `${method} ${path.path}`,
    headers,
    input: args.input(),
    request: {
      method,
      path: path.path,
      ...(Object.keys(query).length > 0 ? { query } : {}),
      ...(body === undefined ? {} : { body }),
    },
    keys: { ...annotationsOf(method), ...(timeoutMs === undefined ? {} : { timeoutMs }) },
  };
}

function methodOf({ options, data, form, line }: CurlRequest): (typeof httpMethods)[number] {
  const hasBody = (data.length > 0 || form.length > 0) && !options.has("get");
  const fallback = options.has("upload") ? "PUT" : options.has("head") ? "HEAD" : hasBody ? "POST" : "GET";
  const given = options.get("method")?.at(-1)?.toUpperCase() ?? fallback;
  const method = httpMethods.find((known) => known === given);
  if (method === undefined) {
    throw new AppError(
      "unprocessable",
      `line ${line}: a tool has one of the methods ${httpMethods.join(", ")}, not ${given}`,
    );
  }
  return method;
}

/** What `-G` and `--url-query` add to the URL. */
function queryOptions({ options, data }: CurlRequest): (readonly [string, string])[] {
  const added = options.has("get") && data.length > 0 ? [dataText(data)] : [];
  return [...added, ...(options.get("urlQuery") ?? [])].flatMap(readPairs);
}

/** `get_users_by_user_id` */
function nameOf(method: string, { words, arguments: names }: CurlPath): string {
  const known = words.filter((word) => !/^(?:api|rest|v\d+(?:\.\d+)?)$/i.test(word));
  const by = names.length > 0 ? ["by", ...names.slice(-1)] : [];
  return toToolName([method.toLowerCase(), ...known, ...by].join("_"), method.toLowerCase());
}

function annotationsOf(method: string): JsonObject {
  switch (method) {
    case "GET":
    case "HEAD":
    case "OPTIONS":
      return { annotations: { readOnlyHint: true } };
    case "PUT":
      return { annotations: { idempotentHint: true } };
    case "DELETE":
      return { annotations: { destructiveHint: true, idempotentHint: true } };
    default:
      return {};
  }
}
