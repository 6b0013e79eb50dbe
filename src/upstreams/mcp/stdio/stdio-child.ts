import type { Log, LogFields } from "../../../core/log.ts";
import { groupEndsWithin, signalGroup } from "./process-group.ts";
import { type RunningChild, runningChildren } from "./running-children.ts";
import type { Child } from "./start-child.ts";
import { StderrLog } from "./stderr-log.ts";

/** How long each step of ending a child may take. */
export interface StopTimes {
  /** From the end of its standard input to SIGTERM. */
  readonly politeMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly termMs: number;
}

/** What a child tells of itself. */
export interface ChildEvents {
  /** It has exited and its output is read; `how` reads like "exited with code 1". Called once. */
  exited(how: string): void;
  /** Its process group holds more memory than it may. It is not stopped by that. */
  exceededMemory(bytes: number): void;
}

export interface StdioChildOptions {
  readonly child: Child;
  readonly maxMemoryBytes: number | undefined;
  readonly stopTimes: StopTimes;
  readonly events: ChildEvents;
  readonly log: Log;
  /** Go into every line of the log: which child it is. */
  readonly fields: LogFields;
}

/** A grandchild may hold the output open after the child's exit; nobody waits for that longer than this. */
const outputMs = 50;
/** SIGKILL needs no consent, but time. */
const forcedMs = 2_000;

/** A child process and its process group, from the start to when every process of the group is gone. */
export class StdioChild implements RunningChild {
  slot = -1;
  readonly groupId: number;
  readonly maxMemoryBytes: number | undefined;
  readonly #child: Child;
  readonly #options: StdioChildOptions;
  readonly #stderr: StderrLog;
  readonly #exited: Promise<void>;
  /** Settled when the exit has been told; undefined before the exit. */
  #told: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #isGone = false;

  constructor(options: StdioChildOptions) {
    const { child, log, fields } = options;
    this.#options = options;
    this.#child = child;
    this.groupId = child.pid;
    this.maxMemoryBytes = options.maxMemoryBytes;
    this.#stderr = new StderrLog(child.stderr, log, fields);
    this.#exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#told = this.#tellExit(code, signal);
        // What it started does not outlive it.
        void this.end();
        resolve();
      });
    });
    child.on("error", (error) => log.debug("a child cannot be signalled", { ...fields, error }));
    runningChildren.add(this);
    log.debug("a child was started", fields);
  }

  exceedMemory(bytes: number): void {
    this.#options.events.exceededMemory(bytes);
  }

  /**
   * Ends standard input and waits, then SIGTERM, then SIGKILL. Resolves when every process of the group is
   * gone; what withstands SIGKILL (a process that waits for a dead disk) is left after a while, with an
   * error in the log. May be called twice.
   */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** The same without politeness. */
  kill(): Promise<void> {
    if (!this.#isGone) signalGroup(this.groupId, "SIGKILL");
    return this.end();
  }

  async #tellExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const isExpected = this.#ending !== undefined;
    await settlesWithin(closeOf(this.#child), outputMs);
    const { log, fields, events } = this.#options;
    const ends = { ...fields, code, signal };
    if (isExpected) log.debug("a child has ended", ends);
    else log.warn("a child has ended by itself", { ...ends, lastLines: this.#stderr.lastLines });
    events.exited(signal === null ? `exited with code ${code}` : `was ended by ${signal}`);
  }

  async #end(): Promise<void> {
    const { politeMs, termMs } = this.#options.stopTimes;
    const { stdin, stdout, stderr } = this.#child;
    if (!stdin.writableEnded) stdin.end();
    await settlesWithin(this.#exited, politeMs);
    // To what a child that has exited left behind as well.
    signalGroup(this.groupId, "SIGTERM");
    if (!(await this.#isGoneWithin(termMs))) {
      signalGroup(this.groupId, "SIGKILL");
      if (!(await this.#isGoneWithin(forcedMs))) {
        this.#options.log.error("processes of a child cannot be ended", this.#options.fields);
      }
    }
    this.#isGone = true;
    runningChildren.delete(this);
    await this.#told;
    this.#stderr.end();
    // A process that has left the group may hold the other ends.
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
  }

  async #isGoneWithin(timeoutMs: number): Promise<boolean> {
    const begunAt = performance.now();
    if (!(await settlesWithin(this.#exited, timeoutMs))) return false;
    return groupEndsWithin(this.groupId, timeoutMs - (performance.now() - begunAt));
  }
}

/** Resolves when a child has exited and its output has ended. */
function closeOf(child: Child): Promise<void> {
  return new Promise((resolve) => child.once("close", () => resolve()));
}

/** Resolves with whether the promise, which never rejects, does so within the time. */
function settlesWithin(promise: Promise<void>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
