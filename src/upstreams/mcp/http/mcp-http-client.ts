import type { AppError } from "../../../core/errors.ts";
import type { TokenSource } from "../oauth/token-source.ts";

/** Header names and values in turn, as undici takes them. */
export type HeaderList = readonly string[];

/** Who reads the answer of one HTTP exchange. Exactly one of `onEnd` and `onFailure` is called, last. */
export interface ExchangeReader {
  /** Status and headers, before anything else. Names are lower-case. */
  onResponse(status: number, header: (name: string) => string | undefined): void;
  /**
   * A whole JSON-RPC message (or batch) without line breaks: the body of an `application/json` answer of
   * any status, or the data of an event of type `message`. Events without data are not messages.
   */
  onMessage(text: string): void;
  /** An event that has an id, with or without data: what `Last-Event-ID` names when the stream breaks. */
  onEventId(id: string): void;
  /** The server asks to wait this long before coming back. */
  onRetry(delayMs: number): void;
  /** An event of another type than `message`, such as `endpoint` (HTTP+SSE). */
  onEvent(type: string, data: string): void;
  /** The answer is over; `text` is its body when that was neither JSON nor events, cut to 2,000 characters. */
  onEnd(text: string): void;
  /** No answer, or a broken one. `AppError`: `upstream_failed`, `payload_too_large` and the like. */
  onFailure(error: AppError): void;
}

/** An exchange under way. */
export interface HttpTurn {
  /** Closes the connection under it; the reader hears nothing more. May be called twice, and after the end. */
  abort(): void;
}

/**
 * The sockets to one MCP server: one or several URLs, egress guard, proxy, TLS, static headers, tokens.
 * One exchange is one request: nothing is repeated here but what never left (a stale socket, a refused
 * connection to one of several URLs) and what a fresh token mends (401). Time limits are the caller's,
 * except for connecting.
 */
export interface McpHttpClient {
  /**
   * One of the URLs that are not known to be down, for a connection: a session stays where it was made.
   * Fails with `AppError("invalid_configuration")` when no URL can be used.
   */
  pick(identity: HttpIdentity): McpHttpTarget;
  /** Ends idle sockets at once and others after `deadlineMs`. May be called twice. */
  close(deadlineMs: number): Promise<void>;
}

/** As whom requests are sent. */
export interface HttpIdentity {
  /** The configured headers, secrets written in. */
  readonly headers: HeaderList;
  /** Where bearer tokens come from; undefined when the upstream has no `oauth`. */
  readonly tokens: TokenSource | undefined;
}

/** One URL of an MCP server. */
export interface McpHttpTarget {
  readonly url: URL;
  /** `body` is sent as `application/json`; `headers` come on top of the configured ones. */
  post(body: string, headers: HeaderList, reader: ExchangeReader): HttpTurn;
  get(headers: HeaderList, reader: ExchangeReader): HttpTurn;
  delete(headers: HeaderList, reader: ExchangeReader): HttpTurn;
  /** The same server at another address: the message endpoint of HTTP+SSE. Same origin only. */
  at(url: URL): McpHttpTarget;
}
