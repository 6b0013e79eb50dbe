import { idOffset, largeBytes, requestBytes, writeId } from "../work.ts";
import { checkAnswer } from "./check-answer.ts";
import { openSession } from "./clients.ts";
import { Connection, Exchanger, type KeptAnswer } from "./connection.ts";
import { takeId } from "./fleet.ts";

export interface ReadersOptions {
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

/** Clients that ask for a large result and may stop reading in the middle of it. */
export class LargeReaders {
  readonly #options: ReadersOptions;
  #readers: Reader[] = [];

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  /** Asks at all clients at once and stops reading each answer at its first bytes. Resolves when all have stopped. */
  async askAndStall(): Promise<void> {
    this.#readers = await this.#connect();
    await Promise.all(this.#readers.map((reader) => reader.ask(true)));
  }

  /** Reads on; resolves with what is wrong with the answers, when all are complete. */
  async finish(): Promise<readonly string[]> {
    const failures = await Promise.all(this.#readers.map((reader) => reader.finish()));
    for (const reader of this.#readers) reader.close();
    this.#readers = [];
    return failures.filter((failure) => failure !== undefined);
  }

  /**
   * Asks at all clients at once and reads to the end; what is wrong with the answers. Only their
   * status and size are judged: parsing them would keep this process busy beside the measurement.
   */
  async askAndRead(): Promise<readonly string[]> {
    this.#readers = await this.#connect();
    await Promise.all(this.#readers.map((reader) => reader.ask(false)));
    return this.finish();
  }

  #connect(): Promise<Reader[]> {
    return Promise.all(Array.from({ length: this.#options.count }, () => Reader.open(this.#options)));
  }
}

class Reader {
  readonly #request: Buffer;
  readonly #id = takeId();
  readonly #answer: Promise<KeptAnswer | undefined>;
  #status = 0;
  #bodyBytes = 0;
  #connection: Connection | undefined;
  #isStalling = false;
  #onFirstBytes: () => void = () => {};
  #settle: { resolve(answer: KeptAnswer | undefined): void; reject(reason: Error): void } | undefined;

  private constructor(path: string, session: string | undefined) {
    this.#request = requestBytes({ path, dialect: "legacy", work: "large", session });
    writeId(this.#request, idOffset(this.#request), this.#id);
    this.#answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // finish() reports a failure; before that nobody waits.
    this.#answer.catch(() => undefined);
  }

  static async open({ port, path }: ReadersOptions): Promise<Reader> {
    const exchanger = await Exchanger.open(port);
    const session = await openSession(exchanger, path);
    exchanger.close();
    const reader = new Reader(path, session);
    reader.#connection = await Connection.open(port, {
      onBody: (piece) => reader.#takeBytes(piece.length),
      onAnswer: (status, answer) => {
        reader.#status = status;
        reader.#settle?.resolve(answer);
      },
      onLost: (reason) => reader.#settle?.reject(reason),
    });
    return reader;
  }

  /** Resolves when the first bytes of the result are there. */
  ask(stall: boolean): Promise<void> {
    this.#isStalling = stall;
    return new Promise((resolve) => {
      this.#onFirstBytes = resolve;
      this.#connection?.send(this.#request, stall);
    });
  }

  async finish(): Promise<string | undefined> {
    this.#isStalling = false;
    this.#connection?.resume();
    const answer = await this.#answer;
    if (this.#status !== 200) return `Answered with status ${this.#status}.`;
    if (this.#bodyBytes < largeBytes) return `The result has only ${this.#bodyBytes} bytes.`;
    return answer === undefined ? undefined : checkAnswer("large", this.#id, jsonOf(answer));
  }

  close(): void {
    this.#connection?.close();
  }

  #takeBytes(count: number): void {
    this.#bodyBytes += count;
    if (this.#isStalling) this.#connection?.pause();
    this.#onFirstBytes();
  }
}

/** The JSON-RPC message of an answer, whether it came as JSON or as an event. */
function jsonOf(answer: KeptAnswer): string {
  if (!/\r\ncontent-type: *text\/event-stream/i.test(answer.head)) return answer.body;
  const messages = answer.body.split("\n").filter((line) => line.startsWith("data:"));
  return messages.at(-1)?.slice(5) ?? "";
}
