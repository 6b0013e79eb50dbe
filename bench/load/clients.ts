import { idOffset, initializeBytes, initializedBytes, requestBytes, streamBytes, writeId } from "../work.ts";
import type { Dialect, Work } from "../work.ts";
import { checkAnswer, messageOf } from "./check-answer.ts";
import { Connection, Exchanger } from "./connection.ts";
import { type EventStream, openEventStream } from "./event-stream.ts";

export interface ClientOptions {
  readonly port: number;
  /** URL path of the endpoint; for `sse` the route's prefix, below which `/sse` lies. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly work: Work;
}

/** One client that has one request under way at a time. */
export interface Client {
  /** Sends the request with this id. With `check` the answer is read in full and judged. */
  send(id: number, check: boolean): void;
  close(): void;
}

export interface ClientListener {
  /** The request is answered; `failure` says what is wrong with the answer. */
  onDone(failure: string | undefined): void;
  /** The client cannot go on. */
  onLost(reason: Error): void;
}

/** Connects a client and makes its handshake. Rejects when the server does not play its part. */
export function openClient(options: ClientOptions, listener: ClientListener): Promise<Client> {
  return options.dialect === "sse" ? openSseClient(options, listener) : openHttpClient(options, listener);
}

/** A legacy session on Streamable HTTP; `undefined` when the server gives none. */
export async function openSession(exchanger: Exchanger, path: string): Promise<string | undefined> {
  const answer = await exchanger.exchange(initializeBytes(path));
  if (answer.status !== 200) throw new Error(`initialize was answered ${answer.status}: ${answer.body.slice(0, 300)}`);
  const session = /\r\nmcp-session-id: *(\S+)\r\n/i.exec(answer.head)?.[1];
  const notified = await exchanger.exchange(initializedBytes(path, session));
  if (notified.status !== 202) throw new Error(`initialized was answered ${notified.status}.`);
  return session;
}

async function openHttpClient(options: ClientOptions, listener: ClientListener): Promise<Client> {
  const { port, path, dialect, work } = options;
  const session = dialect === "legacy" ? await withExchanger(port, (one) => openSession(one, path)) : undefined;
  const request = requestBytes({ path, dialect, work, session });
  const offset = idOffset(request);
  let current = 0;
  const connection = await Connection.open(port, {
    onAnswer: (status, answer) => {
      if (status !== 200) listener.onDone(`Answered with status ${status}: ${answer?.body.slice(0, 300) ?? ""}`);
      else listener.onDone(answer === undefined ? undefined : checkAnswer(work, current, messageOf(answer)));
    },
    onLost: (reason) => listener.onLost(reason),
  });
  return {
    send: (id, check) => {
      current = id;
      writeId(request, offset, id);
      connection.send(request, check);
    },
    close: () => connection.close(),
  };
}

/** The client of the HTTP+SSE transport: a request is done when its event has come and its POST is answered. */
async function openSseClient(options: ClientOptions, listener: ClientListener): Promise<Client> {
  const { port, path, work } = options;
  let current = 0;
  let isChecked = false;
  let awaited = 0;
  let failure: string | undefined;
  const settle = (problem: string | undefined): void => {
    failure ??= problem;
    if (--awaited === 0) listener.onDone(failure);
  };
  const stream = await openEventStream(port, streamBytes(`${path}/sse`), {
    onMessage: (data) => settle(judgeEvent(data, work, current, isChecked)),
    onLost: (reason) => listener.onLost(reason),
  });
  const messagePath = await stream.endpoint;
  const request = requestBytes({ path: messagePath, dialect: "sse", work });
  const offset = idOffset(request);
  const poster = await Connection.open(port, {
    onAnswer: (status) => settle(status === 202 ? undefined : `The message was answered ${status}.`),
    onLost: (reason) => listener.onLost(reason),
  });
  await withExchanger(port, (one) => initializeStream(one, messagePath, stream));
  return {
    send: (id, check) => {
      current = id;
      isChecked = check;
      awaited = 2;
      failure = undefined;
      writeId(request, offset, id);
      poster.send(request);
    },
    close: () => {
      poster.close();
      stream.close();
    },
  };
}

function judgeEvent(data: string, work: Work, id: number, isChecked: boolean): string | undefined {
  if (isChecked) return checkAnswer(work, id, data);
  return data.includes(`"id":${id}`) ? undefined : `An event has another id than ${id}: ${data.slice(0, 200)}`;
}

/** The handshake of the HTTP+SSE transport, whose answer comes on the stream. */
export async function initializeStream(exchanger: Exchanger, messagePath: string, stream: EventStream): Promise<void> {
  const initialized = stream.next();
  const accepted = await exchanger.exchange(initializeBytes(messagePath));
  if (accepted.status !== 202) throw new Error(`initialize was answered ${accepted.status}.`);
  await initialized;
  const notified = await exchanger.exchange(initializedBytes(messagePath, undefined));
  if (notified.status !== 202) throw new Error(`initialized was answered ${notified.status}.`);
}

async function withExchanger<T>(port: number, use: (exchanger: Exchanger) => Promise<T>): Promise<T> {
  const exchanger = await Exchanger.open(port);
  try {
    return await use(exchanger);
  } finally {
    exchanger.close();
  }
}
