import type { Context, Hono } from "hono";
import type { Caller } from "../access/caller.ts";
import { isAllowed } from "../access/permissions.ts";
import { AppError } from "../core/errors.ts";
import type { ApiMetrics } from "./api-metrics.ts";

/** Something that the apiserver cannot work without. */
export interface Dependency {
  /** For people: `documents`, `accounts`. */
  readonly name: string;
  /** Rejects when it does not answer. */
  readonly check: () => Promise<unknown>;
}

export interface ProbeOptions {
  readonly dependencies: readonly Dependency[];
  readonly isDraining: () => boolean;
  readonly metrics: ApiMetrics;
  readonly activeRequests: () => number;
  readonly authenticate: (request: Request) => Promise<Caller | undefined>;
  /** Whether the request came from this machine without a proxy in between. */
  readonly isLocal: (context: Context) => boolean;
  readonly now: () => number;
}

/** What dependencies said is good for this long: probes are public and must not load the stores. */
const checkedForMs = 1_000;
const checkDeadlineMs = 3_000;

/** Liveness, readiness and metrics. */
export function addProbes(app: Hono, options: ProbeOptions): void {
  const findMissing = rememberBriefly(() => missing(options.dependencies), options.now);
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/readyz", async (context) => {
    if (options.isDraining()) return context.json({ status: "draining" }, 503);
    const unavailable = await findMissing();
    if (unavailable.length > 0) return context.json({ status: "unavailable", unavailable }, 503);
    return context.json({ status: "ready" });
  });
  app.get("/metrics", async (context) => {
    await authorizeMetrics(context, options);
    const active = options.activeRequests();
    const text = options.metrics.render([
      {
        name: "passerelle_api_active_requests",
        help: "Requests without a whole answer.",
        kind: "gauge",
        values: [{ labels: {}, value: active }],
      },
    ]);
    return context.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}

async function missing(dependencies: readonly Dependency[]): Promise<string[]> {
  const answers = await Promise.all(dependencies.map(({ check }) => answersInTime(check)));
  return dependencies.filter((_dependency, i) => answers[i] !== true).map(({ name }) => name);
}

async function answersInTime(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkDeadlineMs);
  });
  const answered = check().then(
    () => true,
    () => false,
  );
  const isThere = await Promise.race([answered, late]);
  clearTimeout(timer);
  return isThere;
}

function rememberBriefly<T>(ask: () => Promise<T>, now: () => number): () => Promise<T> {
  let asked: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (asked === undefined || now() - asked.at > checkedForMs) asked = { at: now(), answer: ask() };
    return asked.answer;
  };
}

/** Metrics tell how the instance is used: they are for this machine and for those who may see gateways. */
async function authorizeMetrics(context: Context, { isLocal, authenticate }: ProbeOptions): Promise<void> {
  if (isLocal(context)) return;
  const caller = await authenticate(context.req.raw);
  if (caller === undefined) {
    throw new AppError("unauthorized", "Metrics are for this machine, or for an API key with gateways.read.");
  }
  if (!isAllowed(caller.roles, "gateways.read", "*")) {
    throw new AppError("forbidden", "This needs the permission gateways.read.");
  }
}
