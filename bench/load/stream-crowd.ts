import { idOffset, requestBytes, streamBytes, writeId } from "../work.ts";
import { checkAnswer } from "./check-answer.ts";
import { initializeStream, openSession } from "./clients.ts";
import { Exchanger } from "./connection.ts";
import { type EventStream, openEventStream } from "./event-stream.ts";
import { takeId } from "./fleet.ts";

export interface CrowdOptions {
  readonly port: number;
  /** The route's prefix. */
  readonly prefix: string;
  /** `session`: a GET stream of a Streamable HTTP session; `sse`: a stream of the HTTP+SSE transport. */
  readonly transport: "session" | "sse";
  readonly count: number;
}

export interface CrowdReport {
  readonly open: number;
  readonly lost: number;
  /** Streams that brought at least one keep-alive comment. */
  readonly keptAlive: number;
}

/** One idle client: its stream and how to ask something on its session. */
interface Member {
  readonly stream: EventStream;
  readonly session: string | undefined;
  readonly messagePath: string;
}

/** Handshakes under way at once. */
const openers = 32;

/** Many clients that hold a stream open and do nothing. */
export class StreamCrowd {
  readonly #options: CrowdOptions;
  readonly #members: Member[] = [];
  readonly #alive = new Set<number>();
  #lost = 0;

  private constructor(options: CrowdOptions) {
    this.#options = options;
  }

  static async open(options: CrowdOptions): Promise<StreamCrowd> {
    const crowd = new StreamCrowd(options);
    await crowd.#inParallel(async (exchanger, index) => {
      crowd.#members[index] = await crowd.#openMember(exchanger, index);
    });
    return crowd;
  }

  report(): CrowdReport {
    return { open: this.#members.length - this.#lost, lost: this.#lost, keptAlive: this.#alive.size };
  }

  /** Asks something on every session; the number of sessions that did not answer as they should. */
  async pingAll(): Promise<number> {
    let failures = 0;
    await this.#inParallel(async (exchanger, index) => {
      const member = this.#members[index];
      if (member === undefined || !(await this.#ping(exchanger, member))) failures++;
    });
    return failures;
  }

  close(): void {
    for (const { stream } of this.#members) stream.close();
  }

  async #openMember(exchanger: Exchanger, index: number): Promise<Member> {
    const { port, prefix, transport } = this.#options;
    const listener = {
      onMessage: () => {},
      onComment: () => this.#alive.add(index),
      onLost: () => {
        this.#lost++;
      },
    };
    if (transport === "session") {
      const session = await openSession(exchanger, `${prefix}/mcp`);
      const stream = await openEventStream(port, streamBytes(`${prefix}/mcp`, session), listener);
      await stream.opened;
      return { stream, session, messagePath: `${prefix}/mcp` };
    }
    const stream = await openEventStream(port, streamBytes(`${prefix}/sse`), listener);
    const messagePath = await stream.endpoint;
    await initializeStream(exchanger, messagePath, stream);
    return { stream, session: undefined, messagePath };
  }

  async #ping(exchanger: Exchanger, member: Member): Promise<boolean> {
    const { transport } = this.#options;
    const dialect = transport === "sse" ? "sse" : "legacy";
    const request = requestBytes({ path: member.messagePath, dialect, work: "ping", session: member.session });
    const id = takeId();
    writeId(request, idOffset(request), id);
    if (transport === "session") {
      const answer = await exchanger.exchange(request);
      return answer.status === 200 && checkAnswer("ping", id, answer.body) === undefined;
    }
    const message = member.stream.next();
    const accepted = await exchanger.exchange(request);
    return accepted.status === 202 && checkAnswer("ping", id, await message) === undefined;
  }

  /** Runs `task` for every index, some at once, each runner with a connection of its own. */
  async #inParallel(task: (exchanger: Exchanger, index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const runner = async (): Promise<void> => {
      const exchanger = await Exchanger.open(this.#options.port);
      try {
        while (next < this.#options.count) await task(exchanger, next++);
      } finally {
        exchanger.close();
      }
    };
    await Promise.all(Array.from({ length: Math.min(openers, this.#options.count) }, runner));
  }
}
