import type { Dispatcher } from "undici";
import type { HttpAnswerTap, UpstreamTap } from "../upstream-tap.ts";
import type { ResponseHeaders } from "./response-headers.ts";
import type { CallDispatcher, LinePools } from "./upstream-line.ts";

/** The same pools, with a tap that sees every request and its answer. */
export function tapPools(pools: LinePools, upstream: string, tap: UpstreamTap): LinePools {
  return {
    get: (origin) => tapDispatcher(pools.get(origin), { origin, upstream, tap }),
    close: (deadlineMs) => pools.close(deadlineMs),
  };
}

interface Tapping {
  readonly origin: string;
  readonly upstream: string;
  readonly tap: UpstreamTap;
}

function tapDispatcher(dispatcher: CallDispatcher, { origin, upstream, tap }: Tapping): CallDispatcher {
  return {
    dispatch(options, handler) {
      const { method, path, headers, body, carried } = options;
      const answer = tap.httpSent(carried.context, {
        upstream,
        method,
        origin,
        path,
        headers,
        body: body ?? undefined,
      });
      return dispatcher.dispatch(options, answer === undefined ? handler : new TappedHandler(handler, answer));
    },
  };
}

/** Passes everything on to the handler of the call, after the tap has seen it. */
class TappedHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #answer: HttpAnswerTap;

  constructor(handler: Dispatcher.DispatchHandler, answer: HttpAnswerTap) {
    this.#handler = handler;
    this.#answer = answer;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: object): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    message?: string,
  ): void {
    if (status >= 200) this.#answer.answered(status, headers);
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#answer.received(chunk);
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: ResponseHeaders): void {
    this.#answer.ended();
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#answer.failed(error);
    this.#handler.onResponseError?.(controller, error);
  }
}
