import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { CallContext, CallOutcome } from "../../core/call.ts";
import type { SecretSource } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { Scope } from "../../expressions/template.ts";
import type { Resolve } from "../egress-guard.ts";
import type { UpstreamTap } from "../upstream-tap.ts";
import { failureResult } from "./call-results.ts";
import { HttpExchange } from "./http-exchange.ts";
import { type FetchedResource, type HttpFetchCall, FetchReceiver } from "./http-fetch.ts";
import type { HttpToolCall } from "./http-tool-call.ts";
import { openLine, type OpenedLine } from "./opened-line.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";
import type { RequestPlan } from "./request-plan.ts";
import { RequestWriter } from "./request-writer.ts";
import type { ResponseHead } from "./response.ts";
import { ToolReceiver } from "./tool-receiver.ts";
import type { UpstreamCounters } from "./upstream-line.ts";
import type { HttpUpstreamPlan } from "./upstream-plan.ts";
import type { BreakerState } from "./circuit-breaker.ts";

export interface HttpUpstreamOptions {
  readonly secrets: SecretSource;
  /** The system's resolver without it. */
  readonly resolve?: Resolve;
  /** The clock of `CallContext.deadlineAt`; `performance.now` without it. */
  readonly now?: () => number;
  /** From 0 up to 1; `Math.random` without it. */
  readonly random?: () => number;
  /** Makes a multipart boundary; random without it. */
  readonly boundary?: () => string;
  /** Looks at every request and its answer. */
  readonly tap?: UpstreamTap;
}

export interface UpstreamStatus {
  readonly breaker: BreakerState;
  /** Requests under way. */
  readonly running: number;
  /** Calls that wait for a slot. */
  readonly waiting: number;
  readonly counters: Readonly<UpstreamCounters>;
}

const usualCloseDeadlineMs = 5_000;

/**
 * One REST API that tools and resources call. Keeps its sockets, its breaker and its limits for as long
 * as its configuration stays the same. Nothing is connected before the first call. Calls may overlap.
 */
export class HttpUpstream {
  readonly #plan: HttpUpstreamPlan;
  readonly #secrets: SecretSource;
  readonly #line: OpenedLine | AppError;
  readonly #writers = new WeakMap<RequestPlan, RequestWriter>();
  #isClosed = false;

  constructor(plan: HttpUpstreamPlan, options: HttpUpstreamOptions) {
    this.#plan = plan;
    this.#secrets = options.secrets;
    this.#line = openLine(plan, {
      secrets: options.secrets,
      now: options.now ?? (() => performance.now()),
      random: options.random ?? Math.random,
      boundary: options.boundary ?? randomBoundary,
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
      ...(options.tap === undefined ? {} : { tap: options.tap }),
    });
  }

  /**
   * Calls a REST tool. What the backend or a rule refuses, and what does not arrive in time, is a result
   * with `isError`. Rejects with `AppError("cancelled")` after `context.abort`.
   */
  callTool(call: HttpToolCall, context: CallContext): Promise<CallOutcome> {
    return new Promise((resolve, reject) => {
      const scope = this.#scope(context);
      let request: OutgoingRequest;
      try {
        request = this.#write(call.request, scope);
      } catch (error) {
        if (error instanceof AppError) resolve(failureResult(error));
        else reject(error);
        return;
      }
      const resourceUri = (head: ResponseHead): string => this.#shownUri(call, head);
      const receiver = new ToolReceiver({ call, context, scope, resourceUri, resolve, reject });
      this.#start(request, context, receiver);
    });
  }

  /**
   * Fetches the content of a resource. Statuses of any kind are answers. Rejects with `AppError`:
   * `upstream_failed`, `timed_out`, `invalid_params`, `cancelled` and the like.
   */
  fetch(call: HttpFetchCall, context: CallContext): Promise<FetchedResource> {
    return new Promise((resolve, reject) => {
      const scope = this.#scope(context);
      // A promise turns what is thrown here into its rejection.
      const request = this.#write(call.request, scope);
      this.#start(request, context, new FetchReceiver({ call, scope, resolve, reject }));
    });
  }

  status(): UpstreamStatus {
    if (this.#line instanceof AppError) {
      return { breaker: "closed", running: 0, waiting: 0, counters: noCounters };
    }
    const { breaker, admission, counters } = this.#line.line;
    return {
      breaker: breaker.state,
      running: admission.running,
      waiting: admission.waiting,
      counters: { ...counters },
    };
  }

  /** Takes no more calls; those under way get `deadlineMs` to finish. May be called twice. */
  async close(deadlineMs: number = usualCloseDeadlineMs): Promise<void> {
    this.#isClosed = true;
    if (this.#line instanceof AppError) return;
    const { pools, tokens } = this.#line.line;
    await pools.close(deadlineMs);
    // Last: a call that finishes may still need one.
    await tokens?.close();
  }

  #scope({ args, request, principal }: CallContext): Scope {
    return { args, request, principal, secrets: this.#secrets };
  }

  #write(plan: RequestPlan, scope: Scope): OutgoingRequest {
    if (this.#line instanceof AppError) throw this.#line;
    if (this.#isClosed) throw new AppError("upstream_failed", `The upstream \`${this.#plan.name}\` is being closed.`);
    let writer = this.#writers.get(plan);
    if (writer === undefined) {
      writer = new RequestWriter(this.#line.base, plan);
      this.#writers.set(plan, writer);
    }
    return writer.write(scope);
  }

  #start(request: OutgoingRequest, context: CallContext, receiver: ToolReceiver | FetchReceiver): void {
    if (this.#line instanceof AppError) throw this.#line;
    new HttpExchange(this.#line.line, request, context, receiver).start();
  }

  /** The address of an answer without query and without anything that may hold a secret. */
  #shownUri(call: HttpToolCall, { origin, path }: ResponseHead): string {
    if (this.#plan.baseUrl.secrets.length > 0) return `passerelle:upstream/${this.#plan.name}`;
    return call.request.hidesPath ? origin : `${origin}${path.split("?")[0] ?? ""}`;
  }
}

const noCounters: UpstreamCounters = {
  calls: 0,
  attempts: 0,
  retries: 0,
  failures: 0,
  timeouts: 0,
  refusals: 0,
  cancellations: 0,
};

function randomBoundary(): string {
  return `passerelle-${randomBytes(16).toString("hex")}`;
}
