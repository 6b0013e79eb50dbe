import { type Dispatcher, Pool } from "undici";
import { AppError } from "../../core/errors.ts";

export interface ControlPlaneOptions {
  /** Address of the apiserver, without `/` at the end. Certificates of `https:` are verified as everywhere. */
  readonly url: string;
  /** Shared with the apiserver. */
  readonly token: string;
  /** Longest time for one request, its answer included; 30,000 when absent. */
  readonly deadlineMs?: number | undefined;
}

export interface LineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  /** Is answered 304 when this is what there is. */
  readonly etag?: string | undefined;
}

export interface LineAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly isGzip: boolean;
  readonly body: Dispatcher.ResponseData["body"];
}

const defaultDeadlineMs = 30_000;
const connectTimeoutMs = 5_000;
const maxConnections = 4;

/** The way of one gateway to its apiserver, shared by all that it reads and says there. */
export class ControlPlaneLine {
  readonly #pool: Pool;
  readonly #base: string;
  readonly #token: string;
  readonly #deadlineMs: number;
  readonly #name: string;
  #closing: Promise<void> | undefined;

  constructor({ url, token, deadlineMs = defaultDeadlineMs }: ControlPlaneOptions) {
    const address = new URL(url);
    this.#pool = new Pool(address.origin, { connections: maxConnections, connect: { timeout: connectTimeoutMs } });
    this.#base = `${address.pathname.replace(/\/+$/, "")}/api/v1`;
    this.#name = address.origin;
    this.#token = token;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Sends a request and reads its answer. Redirects are not followed: they would carry the token elsewhere.
   *
   * @throws AppError `unavailable` for whatever keeps the answer away
   */
  async ask<T>(request: LineRequest, read: (answer: LineAnswer) => Promise<T>): Promise<T> {
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        method: request.method,
        path: this.#base + request.path,
        headers: {
          authorization: `Bearer ${this.#token}`,
          "accept-encoding": "gzip",
          ...(request.etag === undefined ? {} : { "if-none-match": request.etag }),
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: AbortSignal.timeout(this.#deadlineMs),
      });
      if (statusCode >= 400 || (statusCode >= 300 && statusCode !== 304)) {
        await body.dump({ limit: 65_536 });
        throw this.#refused(statusCode);
      }
      const etag = headers["etag"];
      const isGzip = headers["content-encoding"] === "gzip";
      return await read({ status: statusCode, etag: typeof etag === "string" ? etag : undefined, isGzip, body });
    } catch (cause) {
      if (cause instanceof AppError && cause.code === "unavailable") throw cause;
      throw new AppError("unavailable", `The apiserver at ${this.#name} does not answer as it should.`, { cause });
    }
  }

  /** May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.destroy();
    return this.#closing;
  }

  #refused(status: number): AppError {
    const reason = status === 401 || status === 403 ? "refuses the token of this gateway" : `answers ${status}`;
    return new AppError("unavailable", `The apiserver at ${this.#name} ${reason}.`);
  }
}
