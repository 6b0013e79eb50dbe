import { connect, type Socket } from "node:net";
import { ResponseReader, type ResponseSink } from "./response-reader.ts";

/** An answer whose body was kept. */
export interface KeptAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** A response is complete. `answer` is there when its body was to be kept. */
  onAnswer(status: number, answer: KeptAnswer | undefined): void;
  /** The connection is gone although nobody closed it. */
  onLost(reason: Error): void;
  /** The head of a response has arrived. */
  onHead?(status: number): void;
  /** A piece of body, while it arrives; only valid during the call. */
  onBody?(piece: Buffer): void;
}

/** All sockets of a process read into one buffer: every piece is used up before the next is read. */
let sharedBuffer: Buffer | undefined;

/** One keep-alive connection to a server on loopback. One request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  #keepNext = false;
  #pieces: Buffer[] = [];
  #status = 0;
  #head = "";
  #isClosed = false;

  private constructor(port: number, listener: ConnectionListener) {
    this.#listener = listener;
    const reader = new ResponseReader(this.#sink());
    sharedBuffer ??= Buffer.allocUnsafe(262_144);
    const shared = sharedBuffer;
    this.#socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          try {
            reader.push(shared.subarray(0, length));
          } catch (error) {
            this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
          }
          return true;
        },
      },
    });
  }

  /** Connects. Rejects when the server does not accept. */
  static open(port: number, listener: ConnectionListener): Promise<Connection> {
    const connection = new Connection(port, listener);
    const socket = connection.#socket;
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        let reason = new Error("The server closed the connection.");
        socket.on("error", (error) => {
          reason = error;
        });
        socket.once("close", () => {
          if (!connection.#isClosed) listener.onLost(reason);
        });
        resolve(connection);
      });
    });
  }

  /** Sends a whole request. With `keep` the answer's body is kept. */
  send(request: Buffer, keep = false): void {
    this.#keepNext = keep;
    this.#socket.write(request);
  }

  /** Stops reading: the server's answers pile up at the server. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #sink(): ResponseSink {
    return {
      onHead: (status, head) => {
        this.#status = status;
        this.#head = head;
        this.#listener.onHead?.(status);
      },
      onBody: (piece) => {
        if (this.#keepNext) this.#pieces.push(Buffer.from(piece));
        this.#listener.onBody?.(piece);
      },
      onEnd: () => this.#answer(),
    };
  }

  #answer(): void {
    if (!this.#keepNext) {
      this.#listener.onAnswer(this.#status, undefined);
      return;
    }
    const body = Buffer.concat(this.#pieces).toString();
    this.#pieces = [];
    this.#keepNext = false;
    this.#listener.onAnswer(this.#status, { status: this.#status, head: this.#head, body });
  }
}

/** A connection for single exchanges, such as handshakes, whose answers are read in full. */
export class Exchanger {
  #connection: Connection | undefined;
  #pending: { resolve(answer: KeptAnswer): void; reject(reason: Error): void } | undefined;

  private constructor() {}

  static async open(port: number): Promise<Exchanger> {
    const exchanger = new Exchanger();
    exchanger.#connection = await Connection.open(port, {
      onAnswer: (_status, answer) => {
        if (answer !== undefined) exchanger.#pending?.resolve(answer);
      },
      onLost: (reason) => exchanger.#pending?.reject(reason),
    });
    return exchanger;
  }

  /** Sends a request and gives the whole answer. One at a time. Rejects when the connection is lost. */
  exchange(request: Buffer): Promise<KeptAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#connection?.send(request, true);
    });
  }

  close(): void {
    this.#connection?.close();
  }
}
