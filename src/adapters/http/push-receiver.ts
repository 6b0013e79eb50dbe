import type { IncomingHttpHeaders } from "node:http";
import type { ConfigNotifier } from "../../core/config-source.ts";
import {
  isSignedBy,
  type Notice,
  noticeHeaders,
  type NoticeVerdict,
  noticeWindowSeconds,
} from "../../core/notice-signature.ts";

export interface PushReceiverOptions {
  /** Shared with the apiserver. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Most ids that are remembered; 10,000 when absent. */
  readonly maxIds?: number | undefined;
}

const defaultMaxIds = 10_000;
const idPattern = /^[A-Za-z0-9_-]{16,64}$/;
const timestampPattern = /^[1-9]\d{0,11}$/;

const taken: NoticeVerdict = { kind: "taken" };

/** Makes hints of signed notices. What was signed by somebody else, is too old, or came before, is none. */
export class PushReceiver implements ConfigNotifier {
  readonly #options: PushReceiverOptions;
  /** Timestamps by id, in the order in which they came. Only what was signed gets in here. */
  readonly #seen = new Map<string, number>();
  /** Nothing up to this timestamp is taken any more: its id may have been forgotten for want of room. */
  #forgottenUpTo = 0;
  #listener: (() => void) | undefined;
  #isEarly = false;

  constructor(options: PushReceiverOptions) {
    this.#options = options;
  }

  start(listener: () => void): void {
    this.#listener = listener;
    if (this.#isEarly) listener();
    this.#isEarly = false;
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#seen.clear();
  }

  /** @param body the bytes of the request as text; nothing of it is read but its signature */
  receive(headers: IncomingHttpHeaders, body: string): NoticeVerdict {
    const [id, timestamp, signature] = [noticeHeaders.id, noticeHeaders.timestamp, noticeHeaders.signature].map(
      (name) => headers[name],
    );
    if (typeof id !== "string" || typeof timestamp !== "string" || typeof signature !== "string") {
      return refused(`a notice has the headers ${Object.values(noticeHeaders).join(", ")}`);
    }
    if (!idPattern.test(id) || !timestampPattern.test(timestamp)) return refused("the id or timestamp is malformed");
    return this.#judge({ id, timestamp, body }, signature);
  }

  #judge(notice: Notice, signature: string): NoticeVerdict {
    const now = Math.floor(this.#options.clock() / 1_000);
    const sentAt = Number(notice.timestamp);
    if (!isSignedBy(this.#options.token, notice, signature)) return refused("the signature is not that of this token");
    if (Math.abs(now - sentAt) > noticeWindowSeconds) {
      return refused(`the timestamp is ${now - sentAt} s away from this clock; ${noticeWindowSeconds} s may be`);
    }
    if (this.#seen.has(notice.id) || sentAt <= this.#forgottenUpTo) return refused("this notice came before");
    this.#remember(notice.id, sentAt, now);
    if (this.#listener === undefined) this.#isEarly = true;
    else this.#listener();
    return taken;
  }

  #remember(id: string, sentAt: number, now: number): void {
    const { maxIds = defaultMaxIds } = this.#options;
    this.#seen.set(id, sentAt);
    for (const [oldest, oldestSentAt] of this.#seen) {
      const isOver = now - oldestSentAt > noticeWindowSeconds;
      if (!isOver && this.#seen.size <= maxIds) break;
      this.#seen.delete(oldest);
      if (!isOver) this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldestSentAt);
    }
  }
}

function refused(reason: string): NoticeVerdict {
  return { kind: "refused", reason };
}
