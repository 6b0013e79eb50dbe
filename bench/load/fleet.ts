import { firstId, lastId } from "../work.ts";
import { type Client, type ClientListener, type ClientOptions, openClient } from "./clients.ts";

export interface FleetOptions extends ClientOptions {
  readonly clients: number;
}

export interface DriveReport {
  readonly requests: number;
  readonly seconds: number;
  readonly failures: number;
  readonly firstFailure?: string;
}

/** One answer in so many is read in full and judged; of the others only the status. */
const checkEvery = 64;

/** Ids are unique in the whole process, as ids of different clients of a gateway need not be but may be. */
let nextId = firstId;

/** Clients that send one request after another, each its next as soon as its last is answered. */
export class Fleet {
  readonly #clients: Client[] = [];
  #onDone: (client: number, failure: string | undefined) => void = () => {};
  #onLost: (reason: Error) => void = () => {};
  #lost: Error | undefined;

  /** Connects all clients and makes their handshakes. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet();
    for (let index = 0; index < options.clients; index++) {
      fleet.#clients.push(await openClient(options, fleet.#listener(index)));
    }
    return fleet;
  }

  /** Sends so many requests in all. Rejects when a connection is lost. */
  async drive(requests: number): Promise<DriveReport> {
    const started = performance.now();
    let sent = 0;
    let done = 0;
    let failures = 0;
    let firstFailure: string | undefined;
    await new Promise<void>((resolve, reject) => {
      const sendNext = (client: Client): void => {
        const check = sent % checkEvery === 0;
        sent++;
        client.send(takeId(), check);
      };
      this.#onLost = reject;
      this.#onDone = (index, failure) => {
        done++;
        if (failure !== undefined) {
          failures++;
          firstFailure ??= failure;
        }
        const client = this.#clients[index];
        if (sent < requests && client !== undefined) sendNext(client);
        else if (done === requests) resolve();
      };
      if (this.#lost !== undefined) reject(this.#lost);
      else for (const client of this.#clients.slice(0, requests)) sendNext(client);
    });
    const seconds = (performance.now() - started) / 1_000;
    return { requests, seconds, failures, ...(firstFailure === undefined ? {} : { firstFailure }) };
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #listener(index: number): ClientListener {
    return {
      onDone: (failure) => this.#onDone(index, failure),
      onLost: (reason) => {
        this.#lost = reason;
        this.#onLost(reason);
      },
    };
  }
}

/** The next unique id of this process. */
export function takeId(): number {
  nextId = nextId === lastId ? firstId : nextId + 1;
  return nextId;
}
