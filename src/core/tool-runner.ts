import type { DocumentRef } from "./config-store.ts";
import type { JsonObject } from "./json.ts";
import type { Principal } from "./principal.ts";

export interface ToolRunRequest extends DocumentRef {
  /** A saved version; the newest when absent. There is no way to run a text that is not saved. */
  readonly version?: number | undefined;
  readonly tool: string;
  readonly args: JsonObject;
  /** As whom the tool is called. */
  readonly principal: Principal;
  /** What the client's request has; calls see the ones that the route lists. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The user has confirmed the call, where the tool asks for that. */
  readonly isConfirmed: boolean;
  /** Whether programs that the document names may be started for the run. */
  readonly mayStartPrograms: boolean;
  /** Longest time for all of it; the tool's own limits hold besides. */
  readonly timeoutMs: number;
  /** Ends the run, and its call at the upstream. */
  readonly signal: AbortSignal;
}

/** A body as it was on the wire, up to 64 kB of it. Values of secrets are written as `${secrets.NAME}`. */
export interface SeenBody {
  readonly text: string;
  /** `packed`: it came compressed and is not shown. */
  readonly encoding: "utf8" | "base64" | "packed";
  /** Of the whole body. */
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Times of one exchange; milliseconds since the run began. */
export interface SeenTimes {
  readonly sentAt: number;
  /** Status and headers were there; for MCP and for what failed it is the end. */
  readonly answeredAt: number;
  readonly endedAt: number;
}

/** One attempt to reach a REST API. */
export interface SeenHttpExchange extends SeenTimes {
  readonly kind: "http";
  readonly upstream: string;
  readonly method: string;
  readonly url: string;
  /** Those that the gateway writes; `host`, `content-length` and the like belong to the connection. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: SeenBody | undefined;
  /** The same as a command line for a shell. */
  readonly curl: string;
  readonly answer:
    | {
        readonly status: number;
        readonly headers: readonly (readonly [name: string, value: string])[];
        readonly body: SeenBody;
      }
    | undefined;
  /** Why there is no answer, or no whole one. */
  readonly failure: string | undefined;
}

/** One request to an MCP server. */
export interface SeenMcpExchange extends SeenTimes {
  readonly kind: "mcp";
  readonly upstream: string;
  /** JSON-RPC messages; the id and what the connection adds are left out. */
  readonly request: SeenBody;
  readonly answer: SeenBody | undefined;
  readonly failure: string | undefined;
}

export type SeenExchange = SeenHttpExchange | SeenMcpExchange;

export interface ToolRun {
  readonly version: number;
  /** What the client would get: JSON text of the `CallToolResult`, or a JSON-RPC error. Secrets are masked. */
  readonly outcome:
    | { readonly kind: "result"; readonly text: string }
    | { readonly kind: "error"; readonly code: number; readonly message: string }
    /** More than is shown. */
    | { readonly kind: "large"; readonly bytes: number };
  /** Progress and log messages that a client would have got, as JSON texts; the first hundred. */
  readonly messages: readonly string[];
  /** What went out and came back, in order; the first 32. */
  readonly exchanges: readonly SeenExchange[];
  readonly totalMs: number;
  /** The time that some upstream was waited for. */
  readonly upstreamMs: number;
}

/** Runs single tools of saved servers by the code that answers clients. */
export interface ToolRunner {
  /**
   * Calls may overlap. Errors: `not_found` (server, version, or a deleted server), `unprocessable` (the version has
   * errors: `data.problems`), `forbidden` (it starts a program and may not; an older version that opens more than
   * the newest one), `overloaded`, `cancelled` after the signal, `unavailable` when the store does not answer.
   */
  run(request: ToolRunRequest): Promise<ToolRun>;
  /** Ends upstreams when runs are done. May be called twice. */
  close(): Promise<void>;
}
