import { Connection } from "./connection.ts";
import { EventReader } from "./event-reader.ts";

export interface EventStreamListener {
  /** A message that nobody awaits with `next()`. */
  onMessage(data: string): void;
  onComment?(): void;
  onLost(reason: Error): void;
}

export interface EventStream {
  /** Resolves when the server has answered with 200; rejects for any other status. */
  readonly opened: Promise<void>;
  /** Where messages are to be sent, from the `endpoint` event of the HTTP+SSE transport. */
  readonly endpoint: Promise<string>;
  /** The next message, which then does not go to the listener. */
  next(): Promise<string>;
  close(): void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: Error): void;
}

/** Asks for an event stream. */
export async function openEventStream(
  port: number,
  request: Buffer,
  listener: EventStreamListener,
): Promise<EventStream> {
  const opened = defer<void>();
  const endpoint = defer<string>();
  let awaiting: ((data: string) => void) | undefined;
  const reader = new EventReader({
    onEvent: (type, data) => {
      if (type === "endpoint") {
        endpoint.resolve(data);
        return;
      }
      const taker = awaiting;
      awaiting = undefined;
      if (taker === undefined) listener.onMessage(data);
      else taker(data);
    },
    onComment: () => listener.onComment?.(),
  });
  const lose = (reason: Error): void => {
    opened.reject(reason);
    endpoint.reject(reason);
    listener.onLost(reason);
  };
  const connection = await Connection.open(port, {
    onHead: (status) => {
      if (status === 200) opened.resolve();
      else lose(new Error(`The event stream was answered with status ${status}.`));
    },
    onAnswer: () => lose(new Error("The event stream has ended.")),
    onBody: (piece) => reader.push(piece),
    onLost: lose,
  });
  connection.send(request);
  return {
    opened: opened.promise,
    endpoint: endpoint.promise,
    next: () =>
      new Promise((resolve) => {
        awaiting = resolve;
      }),
    close: () => connection.close(),
  };
}

function defer<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever does not wait for this promise learns of the failure through the listener.
  promise.catch(() => undefined);
  return {
    promise,
    resolve: (value) => settle?.resolve(value),
    reject: (reason) => settle?.reject(reason),
  };
}
