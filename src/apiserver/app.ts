import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { isAllowed } from "../access/permissions.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { AnyOperation, Call, Reply } from "./operation.ts";
import { type FieldProblem, toProblem } from "./problem.ts";

/** Path that every operation lies below. */
export const apiRoot = "/api/v1";

const defaultBodyBytes = 1_048_576;

export interface AppOptions {
  readonly operations: readonly AnyOperation[];
  /**
   * Who calls; undefined when nobody says so. Throws `unauthorized` for a session or key that is not good, `forbidden`
   * for a request that another site made a browser send.
   */
  readonly authenticate: (request: Request) => Promise<Caller | undefined>;
  /** Throws `too_many_requests` when the address has used the operation too often. */
  readonly limitRate: (operation: AnyOperation, ip: string) => void;
  /** The caller's address, after trusted proxies. */
  readonly addressOf: (context: Context) => string;
  readonly log: Log;
}

/** The API over its operations: who calls, may they, is the request well-formed; then the operation. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono({ strict: true });
  for (const operation of options.operations) {
    const path = apiRoot + operation.path.replace(/\{(\w+)\}/g, ":$1");
    app.on(operation.method.toUpperCase(), path, limitOf(operation), (context) => serve(operation, context, options));
  }
  app.notFound((context) => refuse(context, new AppError("not_found", "There is nothing at this address."), options));
  app.onError((error, context) => refuse(context, error, options));
  return app;
}

function limitOf({ maxBodyBytes = defaultBodyBytes }: AnyOperation) {
  return bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new AppError("payload_too_large", `The body is larger than ${maxBodyBytes} bytes.`);
    },
  });
}

async function serve(operation: AnyOperation, context: Context, options: AppOptions): Promise<Response> {
  const ip = options.addressOf(context);
  if (operation.access.kind === "public") options.limitRate(operation, ip);
  const caller = await options.authenticate(context.req.raw);
  const params = parsePart("path", operation.params, context.req.param());
  authorize(operation, caller, params);
  const query = parsePart("query", operation.query, context.req.query());
  const body =
    operation.body === undefined ? undefined : parsePart("body", operation.body, await readBody(operation, context));
  const call: Call<unknown, unknown, unknown> = {
    params,
    query,
    body,
    caller,
    ip,
    requestId: requestIdOf(context),
    header: (name) => context.req.header(name),
    signal: context.req.raw.signal,
  };
  return write(await operation.handle(call as Call<never, never, never>)); // the operation's schemas made its parts
}

function authorize({ access }: AnyOperation, caller: Caller | undefined, params: unknown): void {
  if (access.kind === "public") return;
  if (caller === undefined)
    throw new AppError("unauthorized", "Sign in, or send an API key as `Authorization: Bearer KEY`.");
  if (access.kind === "signed-in") return;
  const tenant = typeof params === "object" && params !== null && "tenant" in params ? String(params.tenant) : "";
  if (isAllowed(caller.roles, access.permission, tenant)) return;
  throw new AppError("forbidden", `This needs the permission ${access.permission}.`, {
    data: { permission: access.permission },
  });
}

async function readBody({ bodyContentType }: AnyOperation, context: Context): Promise<unknown> {
  const given = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const wanted = bodyContentType ?? "application/json";
  if (given !== wanted) throw new AppError("unsupported_media_type", `Send the body as ${wanted}.`);
  const text = await context.req.text();
  if (bodyContentType !== undefined) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("bad_request", "The body is not valid JSON.", { cause });
  }
}

function parsePart(part: "path" | "query" | "body", schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors: FieldProblem[] = parsed.error.issues.map(({ path, message }) => ({
    field: [part, ...path.map(String)].join("."),
    message,
  }));
  throw new AppError("bad_request", `The request cannot be taken: ${errors[0]?.field}: ${errors[0]?.message}.`, {
    data: { errors },
  });
}

function write({ status, body, headers = {}, raw, cookies = [] }: Reply): Response {
  const all = new Headers({ "cache-control": "no-store", ...headers });
  for (const cookie of cookies) all.append("set-cookie", cookie);
  if (raw !== undefined)
    return new Response(raw as ConstructorParameters<typeof Response>[0], { status, headers: all }); // a text, bytes or a stream
  if (body === undefined) return new Response(null, { status, headers: all });
  all.set("content-type", "application/json");
  return new Response(JSON.stringify(body), { status, headers: all });
}

function refuse(context: Context, error: unknown, { log }: AppOptions): Response {
  const problem = toProblem(error, requestIdOf(context));
  if (problem.status >= 500)
    log.error("request failed", { requestId: problem.requestId, path: context.req.path, error });
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

/** One id per request, made when it is asked for first. */
function requestIdOf(context: Context): string {
  const known: unknown = context.get("requestId");
  if (typeof known === "string") return known;
  const id = randomUUID();
  context.set("requestId", id);
  return id;
}
