import { type Context, Hono } from "hono";
import type { Caller } from "../access/caller.ts";
import { isAllowed } from "../access/permissions.ts";
import { AppError } from "../core/errors.ts";
import type { IdempotencyStore } from "../core/idempotency-store.ts";
import type { Log } from "../core/log.ts";
import { answerOnce } from "./answer-once.ts";
import type { AnyOperation, Call } from "./operation.ts";
import { parsePart, readBody } from "./read-request.ts";
import { requestIdOf, writeProblem, writeReply } from "./write-answer.ts";

/** Path that every operation lies below. */
export const apiRoot = "/api/v1";

/** A request that was answered, for metrics and the access log. */
export interface AnsweredRequest {
  /** Absent when no operation has its address. */
  readonly operation: string | undefined;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  readonly ip: string;
  /** `Caller.id`; absent when nobody was found out. */
  readonly caller: string | undefined;
  readonly requestId: string;
}

export interface AppOptions {
  readonly operations: readonly AnyOperation[];
  /**
   * Who calls; undefined when nobody says so. Throws `unauthorized` for a session or key that is not good, `forbidden`
   * for a request that another site made a browser send.
   */
  readonly authenticate: (request: Request) => Promise<Caller | undefined>;
  /** Throws `too_many_requests` when the address has used the operation too often. */
  readonly limitRate: (operation: AnyOperation, ip: string) => void;
  /** Called before a request that nobody signed in for is refused; throws as `limitRate` does. */
  readonly limitRefusals?: (ip: string) => void;
  /** Throws `forbidden` for a `Host` header that names somebody else; probes are not asked. */
  readonly checkHost?: (host: string | undefined) => void;
  /** The caller's address, after trusted proxies. */
  readonly addressOf: (context: Context) => string;
  /** Whether the request carries the token of gateways; without it nobody is one. */
  readonly isGateway?: (request: Request) => boolean;
  /** Without it `Idempotency-Key` is not looked at. */
  readonly idempotency?: IdempotencyStore;
  readonly onAnswered?: (request: AnsweredRequest) => void;
  readonly log: Log;
}

/** The API over its operations: who calls, may they, is the request well-formed; then the operation. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono({ strict: true });
  const { onAnswered, checkHost } = options;
  if (onAnswered !== undefined) app.use(observe(onAnswered, options.addressOf));
  if (checkHost !== undefined) app.use(guardHost(checkHost));
  for (const operation of options.operations) {
    app.on(operation.method.toUpperCase(), routeOf(operation), (context) => serve(operation, context, options));
  }
  refuseOtherMethods(app, options.operations);
  app.notFound((context) =>
    writeProblem(context, new AppError("not_found", "There is nothing at this address."), options.log),
  );
  app.onError((error, context) => writeProblem(context, error, options.log));
  return app;
}

function observe(onAnswered: (request: AnsweredRequest) => void, addressOf: AppOptions["addressOf"]) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    await next();
    onAnswered({
      operation: textOf(context.get("operation")),
      method: context.req.method,
      status: context.res.status,
      durationMs: performance.now() - startedAt,
      ip: addressOf(context),
      caller: textOf(context.get("caller")),
      requestId: requestIdOf(context),
    });
  };
}

/** Load balancers probe by address; what they learn is no secret. */
const probePaths: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

function guardHost(checkHost: (host: string | undefined) => void) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (!probePaths.has(context.req.path)) checkHost(context.req.header("host"));
    await next();
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function routeOf({ path }: AnyOperation): string {
  return apiRoot + path.replace(/\{(\w+)\}/g, ":$1");
}

/** Whoever knows the address is told which methods it has. */
function refuseOtherMethods(app: Hono, operations: readonly AnyOperation[]): void {
  const byRoute = new Map<string, string[]>();
  for (const operation of operations) {
    const route = routeOf(operation);
    byRoute.set(route, [...(byRoute.get(route) ?? []), operation.method.toUpperCase()]);
  }
  for (const [route, methods] of byRoute) {
    app.all(route, () => {
      const allow = methods.join(", ");
      throw new AppError("method_not_allowed", `This address takes ${allow}.`, { data: { allow } });
    });
  }
}

async function serve(operation: AnyOperation, context: Context, options: AppOptions): Promise<Response> {
  context.set("operation", operation.id);
  const ip = options.addressOf(context);
  if (operation.access.kind === "public") options.limitRate(operation, ip);
  const caller = await identify(operation, context, ip, options);
  if (operation.access.kind === "permission" || operation.access.kind === "signed-in") requireCaller(caller);
  const params = parsePart("path", operation.params, context.req.param());
  authorize(operation, caller, params);
  const query = parsePart("query", operation.query, context.req.query());
  const body = await readBody(operation, context);
  const call: Call<unknown, unknown, unknown> = {
    params,
    query,
    body: body.value,
    caller,
    ip,
    requestId: requestIdOf(context),
    header: (name) => context.req.header(name),
    signal: context.req.raw.signal,
  };
  const run = () => operation.handle(call as Call<never, never, never>); // the operation's schemas made its parts
  const { idempotency: store, log } = options;
  const isOnce = operation.isCreation === true && store !== undefined && caller !== undefined;
  const reply = isOnce ? await answerOnce({ store, caller, context, text: body.text, run, log }) : await run();
  return writeReply(context, reply);
}

/** Who calls. Whoever is nobody is counted, so that keys and sessions cannot be guessed at any speed. */
async function identify(
  { access }: AnyOperation,
  context: Context,
  ip: string,
  { authenticate, limitRefusals, isGateway }: AppOptions,
): Promise<Caller | undefined> {
  if (access.kind === "gateway") {
    if (isGateway?.(context.req.raw) === true) return undefined;
    limitRefusals?.(ip);
    throw new AppError("unauthorized", "This is for gateways: send their token as `Authorization: Bearer TOKEN`.");
  }
  try {
    const caller = await authenticate(context.req.raw);
    if (caller === undefined && access.kind !== "public") limitRefusals?.(ip);
    context.set("caller", caller?.id);
    return caller;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthorized") limitRefusals?.(ip);
    throw error;
  }
}

/** Before anything of the request is judged: strangers learn nothing about addresses. */
function requireCaller(caller: Caller | undefined): asserts caller is Caller {
  if (caller !== undefined) return;
  throw new AppError("unauthorized", "Sign in, or send an API key as `Authorization: Bearer KEY`.");
}

function authorize({ access }: AnyOperation, caller: Caller | undefined, params: unknown): void {
  if (access.kind !== "permission") return;
  requireCaller(caller);
  const tenant = typeof params === "object" && params !== null && "tenant" in params ? String(params.tenant) : "";
  if (isAllowed(caller.roles, access.permission, tenant)) return;
  throw new AppError("forbidden", `This needs the permission ${access.permission}.`, {
    data: { permission: access.permission },
  });
}
