import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A call to a child over its channel, and the answer to it. */
export interface CallMessage {
  readonly call: number;
  readonly method: string;
  readonly parameters: unknown;
}

export interface AnswerMessage {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Calls methods of a child process over its channel. Calls may overlap; all fail when the child exits. */
export class ChildCaller {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  #calls = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => this.#settle(message));
    child.once("exit", () => {
      for (const pending of this.#pending.values()) pending.reject(new Error("The child process has ended."));
      this.#pending.clear();
    });
  }

  /**
   * The result of `method` in the child. Rejects with the child's error text, when the child ends, or
   * when there is no answer within the deadline.
   */
  call(method: string, parameters: unknown, deadlineMs: number): Promise<unknown> {
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(call);
        reject(new Error(`${method} was not done within ${deadlineMs} ms.`));
      }, deadlineMs);
      this.#pending.set(call, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.send({ call, method, parameters } satisfies CallMessage);
    });
  }

  #settle(message: unknown): void {
    // Only our own programs write to this channel, and they write nothing else.
    const answer = message as AnswerMessage;
    const pending = this.#pending.get(answer.call);
    if (pending === undefined) return;
    this.#pending.delete(answer.call);
    if (answer.error === undefined) pending.resolve(answer.result);
    else pending.reject(new Error(answer.error));
  }
}

export interface ReadyMessage {
  readonly listening: number;
}

/** The port that a freshly started server program says it listens on. Rejects when it exits first. */
export async function awaitListening(child: ChildProcess): Promise<number> {
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`The program ended with code ${String(code)} before it listened.`);
  });
  const [message] = await Promise.race([once(child, "message"), exited]);
  // The first message of a server program is always its ReadyMessage (see programs/serve.ts).
  return (message as ReadyMessage).listening;
}
