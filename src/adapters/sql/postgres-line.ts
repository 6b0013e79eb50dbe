import { Socket } from "node:net";
import pg from "pg";

export interface PostgresLineOptions {
  /** `postgres://…` */
  readonly address: string;
  /** Longest time for connecting, and for one statement. */
  readonly deadlineMs: number;
  /** The channel that was listened to has a notice. */
  readonly onNotice?: () => void;
}

/** One connection outside of the pool, that is torn down at once when it does not answer. */
export class PostgresLine {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #client: pg.Client;
  readonly #socket: Socket;

  private constructor(client: pg.Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      client.once("end", () => resolve());
    });
    // Told by `ended`, and by the statement that was under way.
    client.on("error", () => undefined);
  }

  /** Fails when the database cannot be reached in time. */
  static async open({ address, deadlineMs, onNotice }: PostgresLineOptions): Promise<PostgresLine> {
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: address,
      connectionTimeoutMillis: deadlineMs,
      query_timeout: deadlineMs,
      keepAlive: true,
      application_name: "passerelle",
      // A socket of ours can be destroyed; the client alone would wait for an answer to its goodbye.
      stream: () => socket,
    });
    const line = new PostgresLine(client, socket);
    if (onNotice !== undefined) client.on("notification", () => onNotice());
    try {
      await client.connect();
      return line;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async query(statement: string, values: readonly string[] = []): Promise<void> {
    await this.#client.query(statement, [...values]);
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}
