import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import type { Log } from "../core/log.ts";
import type { Reply } from "./operation.ts";
import { toProblem } from "./problem.ts";

/** On every answer that does not say otherwise: nothing here is a page, and no site may frame or sniff it. */
const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

export function writeReply(context: Context, { status, body, headers = {}, raw, cookies = [] }: Reply): Response {
  const all = baseHeaders(context, headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  if (raw !== undefined)
    return new Response(raw as ConstructorParameters<typeof Response>[0], { status, headers: all }); // a text, bytes or a stream
  if (body === undefined) return new Response(null, { status, headers: all });
  if (!all.has("content-type")) all.set("content-type", "application/json");
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** Answers an error as a problem; what is a defect of ours is logged. */
export function writeProblem(context: Context, error: unknown, log: Log): Response {
  const problem = toProblem(error, requestIdOf(context));
  if (problem.status >= 500)
    log.error("request failed", { requestId: problem.requestId, path: context.req.path, error });
  const headers = baseHeaders(context, { "content-type": "application/problem+json" });
  const { retryAfterSeconds, allow } = problem;
  if (typeof retryAfterSeconds === "number") headers.set("retry-after", String(retryAfterSeconds));
  if (typeof allow === "string") headers.set("allow", allow);
  if (problem.status === 401) headers.set("www-authenticate", 'Bearer realm="passerelle"');
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function baseHeaders(context: Context, headers: Readonly<Record<string, string>>): Headers {
  const requestId = requestIdOf(context);
  return new Headers({ ...securityHeaders, "cache-control": "no-store", "x-request-id": requestId, ...headers });
}

/** One id per request, made when it is asked for first. */
export function requestIdOf(context: Context): string {
  const known: unknown = context.get("requestId");
  if (typeof known === "string") return known;
  const id = randomUUID();
  context.set("requestId", id);
  return id;
}
