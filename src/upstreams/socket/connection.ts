import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";

/** Who wants to know which connection carries its request. */
export interface Carried {
  carriedBy(connection: Connection): void;
}

/** Dispatch options of a request that may have to be cut off. */
export interface CarriedOptions extends Dispatcher.DispatchOptions {
  readonly carried: Carried;
}

/**
 * One keep-alive connection of a pool. It tells each request that it is the one, so that a request under
 * way can be cut off by closing its socket: undici's own abort would at once open another socket, for the
 * request that it just dropped.
 */
export class Connection extends Client {
  readonly #current: { socket: Socket | undefined };

  constructor(origin: string | URL, options: Client.Options) {
    const { connect } = options;
    if (typeof connect !== "function") throw new TypeError("a connection needs a connector");
    const current: { socket: Socket | undefined } = { socket: undefined };
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...outcome) => {
          current.socket = outcome[1] ?? undefined;
          callback(...outcome);
        }),
    });
    this.#current = current;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isCarried(options)) options.carried.carriedBy(this);
    return super.dispatch(options, handler);
  }

  /** Closes the socket under the request that is on it now; pools never put two on one. */
  cut(): void {
    this.#current.socket?.destroy(cutOff);
  }
}

function isCarried(options: Dispatcher.DispatchOptions): options is CarriedOptions {
  return "carried" in options;
}

/** undici hands it to a request that is over by then, so nobody reads it. */
const cutOff = new Error("The request was cut off.");
