import { AppError } from "../../../core/errors.ts";
import type { ExchangeRequest } from "./exchange-request.ts";
import type { IdentityHeaders } from "./identity-headers.ts";
import type { ExchangeReader, HeaderList, HttpIdentity, HttpTurn, Lane, McpHttpTarget } from "./mcp-http-client.ts";
import { McpHttpExchange } from "./mcp-http-exchange.ts";
import type { UrlLine } from "./url-line.ts";

/** One URL of an MCP server, as one identity. */
export class HttpTarget implements McpHttpTarget {
  readonly url: URL;
  readonly #line: UrlLine;
  readonly #headers: IdentityHeaders;
  readonly #identity: HttpIdentity;
  readonly #path: string;

  constructor(line: UrlLine, headers: IdentityHeaders, identity: HttpIdentity, url: URL = line.url) {
    this.url = url;
    this.#line = line;
    this.#headers = headers;
    this.#identity = identity;
    this.#path = `${url.pathname}${url.search}`;
  }

  post(body: string, headers: HeaderList, reader: ExchangeReader, lane: Lane = "call"): HttpTurn {
    return this.#start("POST", [...this.#headers.post, ...headers], body, lane, reader);
  }

  get(headers: HeaderList, reader: ExchangeReader): HttpTurn {
    return this.#start("GET", [...this.#headers.get, ...headers], undefined, "side", reader);
  }

  delete(headers: HeaderList, reader: ExchangeReader): HttpTurn {
    return this.#start("DELETE", [...this.#headers.delete, ...headers], undefined, "side", reader);
  }

  at(url: URL): McpHttpTarget {
    if (url.origin !== this.url.origin || url.username !== "" || url.password !== "") {
      throw new AppError(
        "upstream_failed",
        `${this.#line.words.label} names an address at another origin than its own, which is not followed.`,
      );
    }
    return new HttpTarget(this.#line, this.#headers, this.#identity, url);
  }

  #start(
    method: ExchangeRequest["method"],
    headers: HeaderList,
    body: string | undefined,
    lane: Lane,
    reader: ExchangeReader,
  ): HttpTurn {
    const { tokens } = this.#identity;
    const request: ExchangeRequest = { method, path: this.#path, headers, body, lane, tokens };
    return new McpHttpExchange(this.#line, request, reader).start();
  }
}
