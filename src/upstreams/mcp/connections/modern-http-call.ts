import type { AppError } from "../../../core/errors.ts";
import { rpcCodeOf } from "../../../protocol/json-rpc.ts";
import type { ServerError } from "../../../protocol/server-message.ts";
import { HttpCall, type HttpCallLine, type HttpCallOptions } from "./http-call.ts";

export interface ModernHttpLine extends HttpCallLine {
  /** The server does not serve the revision (any more). Returns the error of the call; undefined to pass the server's on. */
  versionRefused(error: ServerError): AppError | undefined;
}

/** A call of 2026-07-28: its answer comes once, and closing its stream cancels it. */
export class ModernHttpCall extends HttpCall {
  readonly #line: ModernHttpLine;

  constructor(line: ModernHttpLine, options: HttpCallOptions) {
    super(line, options);
    this.#line = line;
  }

  protected override refused(error: ServerError): void {
    const failure = error.code === rpcCodeOf("unsupported_version") ? this.#line.versionRefused(error) : undefined;
    if (failure === undefined) super.refused(error);
    else this.fail(failure);
  }
}
