import { randomBytes } from "node:crypto";
import type { RouteConfig } from "../../core/config/document.ts";
import { AppError } from "../../core/errors.ts";
import { Session, type SessionOptions } from "./session.ts";

const sweepMs = 10_000;
/** A session whose handshake is never finished ends after this time. */
const handshakeMs = 60_000;
/** 192 random bits. */
const idBytes = 24;

/** What a session is bound to. */
export type SessionOwner = Pick<SessionOptions, "transport" | "prefix" | "principal">;

/** The live legacy sessions of this process: bound to their prefix, capped per route, swept when idle. */
export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();
  readonly #countByPrefix = new Map<string, number>();
  readonly #now: () => number;
  readonly #onEnded: (session: Session) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onEnded called once with each session that has ended, for whatever reason */
  constructor(now: () => number, onEnded: (session: Session) => void = () => undefined) {
    this.#now = now;
    this.#onEnded = onEnded;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Questions that wait for clients. */
  get openQuestions(): number {
    let open = 0;
    for (const { questions } of this.#sessions.values()) open += questions.size;
    return open;
  }

  /** @throws AppError `overloaded` when the route has as many sessions as it may. */
  create(options: Omit<SessionOptions, "id" | "now" | "ttlMs">, limits: RouteConfig["sessions"]): Session {
    const count = this.#countByPrefix.get(options.prefix) ?? 0;
    if (count >= limits.max) {
      throw new AppError("overloaded", "This route has as many sessions as it may (sessions.max); try again later.");
    }
    const id = randomBytes(idBytes).toString("base64url");
    const session = new Session({ ...options, id, ttlMs: limits.ttlMs, now: this.#now() });
    this.#sessions.set(id, session);
    this.#countByPrefix.set(options.prefix, count + 1);
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs).unref();
    return session;
  }

  /** The session of that id for that caller; anyone else's is as unknown as none. */
  find(id: string, owner: SessionOwner): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.transport !== owner.transport) return undefined;
    if (session.prefix !== owner.prefix || session.principal.id !== owner.principal.id) return undefined;
    session.lastSeenAt = this.#now();
    return session;
  }

  /** The session of that id, for what concerns it without its client asking. */
  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  delete(session: Session): void {
    if (!this.#sessions.delete(session.id)) return;
    const count = (this.#countByPrefix.get(session.prefix) ?? 1) - 1;
    if (count === 0) this.#countByPrefix.delete(session.prefix);
    else this.#countByPrefix.set(session.prefix, count);
    session.close();
    this.#onEnded(session);
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Ends sessions whose route is no longer served. */
  retain(isServed: (session: Session) => boolean): void {
    for (const session of this.#sessions.values()) if (!isServed(session)) this.delete(session);
  }

  /** Closes the streams of sessions without a running call and asks their clients to come back. */
  drain(retryMs: () => number): void {
    for (const session of this.#sessions.values()) if (session.inFlight.size === 0) session.disconnect(retryMs());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const session of this.#sessions.values()) this.delete(session);
  }

  #sweep(): void {
    const now = this.#now();
    for (const session of this.#sessions.values()) {
      if (session.hasOpenStream || session.inFlight.size > 0) continue;
      const ttlMs = session.initialized ? session.ttlMs : Math.min(session.ttlMs, handshakeMs);
      if (now - session.lastSeenAt > ttlMs) this.delete(session);
    }
  }
}
