import { httpDelete, idOffset, requestBytes, writeId } from "../work.ts";
import { checkAnswer, messageOf } from "./check-answer.ts";
import { openSession } from "./clients.ts";
import { Exchanger } from "./connection.ts";
import { takeId } from "./fleet.ts";

export interface WaveOptions {
  readonly port: number;
  /** URL path of the endpoint. */
  readonly path: string;
  readonly count: number;
}

/** Sessions that are opened or ended at once. */
const parallel = 32;

/** Many sessions that make one call each, stay, and end together. */
export class SessionWave {
  readonly #options: WaveOptions;
  readonly #sessions: string[] = [];

  constructor(options: WaveOptions) {
    this.#options = options;
  }

  /** Opens all sessions and makes a call on each; the number of calls that were not answered as they should. */
  async open(): Promise<number> {
    const { port, path, count } = this.#options;
    let begun = 0;
    let failures = 0;
    await inParallel(port, async (exchanger) => {
      while (begun++ < count) {
        const session = await openSession(exchanger, path);
        if (session === undefined) throw new Error("The server gave no session.");
        this.#sessions.push(session);
        const request = requestBytes({ path, dialect: "legacy", work: "call", session });
        const id = takeId();
        writeId(request, idOffset(request), id);
        const problem = checkAnswer("call", id, messageOf(await exchanger.exchange(request)));
        if (problem !== undefined) failures++;
      }
    });
    return failures;
  }

  /** Deletes every session. Fails when one is not known any more. */
  async end(): Promise<void> {
    const { port, path } = this.#options;
    await inParallel(port, async (exchanger) => {
      for (let session = this.#sessions.pop(); session !== undefined; session = this.#sessions.pop()) {
        const answer = await exchanger.exchange(httpDelete(path, session));
        if (answer.status !== 200) throw new Error(`DELETE was answered ${answer.status}.`);
      }
    });
  }
}

async function inParallel(port: number, work: (exchanger: Exchanger) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      const exchanger = await Exchanger.open(port);
      try {
        await work(exchanger);
      } finally {
        exchanger.close();
      }
    }),
  );
}
