import type { AppError } from "../../../core/errors.ts";
import type { TokenSource } from "../../oauth/token-source.ts";

/** Header names and values in turn, as undici takes them: values hold bytes, so text beyond ASCII is encoded. */
export type HeaderList = readonly string[];

/**
 * Who reads the answer of one HTTP exchange. Exactly one of `onEnd` and `onFailure` is called, last, and
 * none of them before the method that began the exchange has returned.
 */
export interface ExchangeReader {
  /** Status and headers, before anything else. Names are lower-case. */
  onResponse(status: number, header: (name: string) => string | undefined): void;
  /**
   * A whole JSON-RPC message (or batch) without line breaks: the body of an `application/json` answer of
   * any status, or the data of an event of type `message`. Events without data are not messages.
   */
  onMessage(text: string): void;
  /**
   * An event that has an id, with or without data: what `Last-Event-ID` names when the stream breaks.
   * Comes before the message of its event. Empty: the server takes the last id back.
   */
  onEventId(id: string): void;
  /** The server asks to wait this long before coming back; at most 2^31 − 1. */
  onRetry(delayMs: number): void;
  /** An event of another type than `message`, such as `endpoint` (HTTP+SSE). */
  onEvent(type: string, data: string): void;
  /** The answer is over; `text` is its body when that was neither JSON nor events, cut to 2,000 characters. */
  onEnd(text: string): void;
  /**
   * No answer, or a broken one. `AppError`: `upstream_failed`, `overloaded`.
   *
   * @param wasSent false when the server cannot have seen the request, so that repeating it is safe
   */
  onFailure(error: AppError, wasSent: boolean): void;
}

/** An exchange under way. */
export interface HttpTurn {
  /** Closes the connection under it; the reader hears nothing more. May be called twice, and after the end. */
  abort(): void;
  /**
   * The reader has what it wanted and hears nothing more. The rest of the answer is dropped, and a server
   * that does not end it within a second loses the socket. May be called twice, and after the end.
   */
  release(): void;
}

/**
 * What a request may wait for. `call`: for one of the `connections` sockets, which a call holds until its
 * answer is over or turns out to be an event stream, because such a call may wait for a human. `side`:
 * for nothing. What keeps calls going (answers to the server's questions, cancellations, the end of a
 * session) must not stand behind them.
 */
export type Lane = "call" | "side";

/** One URL as the operator sees it. */
export interface UrlStatus {
  /** Origin and path, or a number where the URL is a secret. */
  readonly url: string;
  /** `ejected`: it failed too often and is left out for a while. */
  readonly state: "up" | "ejected";
  /** Consecutive failures. */
  readonly failures: number;
}

/**
 * The sockets to one MCP server: one or several URLs, egress guard, proxy, TLS, static headers, tokens.
 * One exchange is one request: nothing is repeated here but what a fresh token mends (401). Redirects
 * are answers like others and not followed. Time limits are the caller's, except for connecting.
 */
export interface McpHttpClient {
  /**
   * The least busy of the URLs that are not known to be down, for a connection: a session stays where it
   * was made. When all are down, the one that may be tried first.
   */
  pick(identity: HttpIdentity): McpHttpTarget;
  /** For `/status`, in the order of the document. */
  status(): readonly UrlStatus[];
  /** Ends idle sockets at once and others after `deadlineMs`. May be called twice. */
  close(deadlineMs: number): Promise<void>;
}

/** As whom requests are sent. What is made of the headers is kept per identity object. */
export interface HttpIdentity {
  /** The configured headers, secrets written in. What the gateway writes itself is left out. */
  readonly headers: HeaderList;
  /** Where bearer tokens come from; undefined when the upstream has no `oauth`. */
  readonly tokens: TokenSource | undefined;
}

/** One URL of an MCP server. */
export interface McpHttpTarget {
  readonly url: URL;
  /**
   * `body` is sent as `application/json`; `headers` come on top of the configured ones.
   *
   * @param lane `call` without it
   */
  post(body: string, headers: HeaderList, reader: ExchangeReader, lane?: Lane): HttpTurn;
  /** On the `side` lane: such an answer is a stream that stays open. */
  get(headers: HeaderList, reader: ExchangeReader): HttpTurn;
  /** On the `side` lane. */
  delete(headers: HeaderList, reader: ExchangeReader): HttpTurn;
  /**
   * The same server at another address: the message endpoint of HTTP+SSE. Same origin only; fails with
   * `AppError("upstream_failed")` otherwise.
   */
  at(url: URL): McpHttpTarget;
}
