import { AppError } from "../../../core/errors.ts";
import type { Log, LogFields } from "../../../core/log.ts";
import type { ChannelReader, MessageChannel, OpenChannel } from "../message-channel.ts";
import { LineFramer } from "./line-framer.ts";
import { LogWindow } from "./log-window.ts";
import { MessageWriter } from "./message-writer.ts";
import { hasProcessTable } from "./process-table.ts";
import { readableLine } from "./readable-line.ts";
import { type Child, startChild } from "./start-child.ts";
import { type ChildEvents, StdioChild, type StopTimes } from "./stdio-child.ts";
import type { StdioCommand } from "./stdio-command.ts";

export const usualStopTimes: StopTimes = { politeMs: 2_000, termMs: 3_000 };
/** Requests are refused long before, by whoever reads `pendingBytes`; this bounds answers and notifications. */
const maxPendingBytes = 16_777_216;
/** A child whose pipe breaks is usually about to exit, which says more. */
const brokenPipeMs = 100;
const maxGarbageBytes = 200;
/** After a chunk with more lines than this that are no messages, the child waits: it gets 5 % of a core. */
const maxSkippedLines = 1_000;
const garbagePauseMs = 50;

/**
 * How a program is started whose standard input and output carry MCP messages. Each opening starts a
 * process. The channel ends when the process does, when it breaks a limit, or when a pipe breaks; the
 * process is then ended with all that it started. After `close` messages are read until the child has
 * exited, then `onClosed` is called.
 *
 * A send is never refused for what is pending: whoever sends requests looks at `pendingBytes` before.
 * Only a child that leaves 16 MB unread is ended.
 */
export function stdioOpener(command: StdioCommand, log: Log, stopTimes: StopTimes = usualStopTimes): OpenChannel {
  if (command.maxMemoryBytes !== undefined && !hasProcessTable) {
    log.warn("`maxMemoryBytes` is enforced on Linux only", { upstream: command.key });
  }
  return async (reader, signal) => {
    if (signal.aborted) throw new AppError("cancelled", `${command.label} is not started: nobody waits for it.`);
    const child = await startChild(command);
    return new StdioChannel({ child, command, reader, log, stopTimes });
  };
}

interface StdioChannelOptions {
  readonly child: Child;
  readonly command: StdioCommand;
  readonly reader: ChannelReader;
  readonly log: Log;
  readonly stopTimes: StopTimes;
}

class StdioChannel implements MessageChannel {
  readonly #command: StdioCommand;
  readonly #reader: ChannelReader;
  readonly #child: StdioChild;
  readonly #writer: MessageWriter;
  readonly #framer: LineFramer;
  readonly #garbage: LogWindow;
  #brokenPipe: NodeJS.Timeout | undefined;
  #isClosing = false;
  #isOver = false;

  constructor({ child, command, reader, log, stopTimes }: StdioChannelOptions) {
    const fields: LogFields = { upstream: command.key, processId: child.pid };
    this.#command = command;
    this.#reader = reader;
    this.#writer = new MessageWriter(child.stdin);
    this.#garbage = new LogWindow((lines) =>
      log.debug("a child writes lines that are no messages", { ...fields, suppressedLines: lines }),
    );
    this.#framer = new LineFramer(command.maxMessageBytes, {
      onMessage: (text) => {
        if (!this.#isOver) reader.onMessage(text);
      },
      onGarbage: (line) => this.#onGarbage(line, log, fields),
    });
    const { maxMemoryBytes } = command;
    this.#child = new StdioChild({ child, maxMemoryBytes, stopTimes, log, fields, events: this.#events() });
    child.stdout.on("data", (chunk: Buffer) => this.#onOutput(chunk, child));
    child.stdout.once("end", () => this.#onBrokenPipe("output"));
    child.stdout.on("error", () => this.#onBrokenPipe("output"));
    child.stdin.on("error", () => this.#onBrokenPipe("input"));
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  send(message: string): void {
    if (this.#isOver || this.#isClosing) return;
    if (this.#writer.pendingBytes <= maxPendingBytes) this.#writer.write(message);
    // Later, for a sender does not expect to be told of the end by its own call.
    else queueMicrotask(() => this.#fail("was ended: it reads nothing any more."));
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#writer.end();
    await this.#child.end();
    this.#finish("was closed.");
  }

  async abandon(): Promise<void> {
    this.#isClosing = true;
    await this.#child.kill();
    this.#finish("was ended.");
  }

  #events(): ChildEvents {
    const { command, key, maxMemoryBytes } = this.#command;
    return {
      exited: (how) => {
        const where = `What it wrote to its standard error is in the gateway's log; see \`${key}.command\`.`;
        this.#finish(this.#isClosing ? "was closed." : `ended: \`${command}\` ${how}. ${where}`);
      },
      exceededMemory: (bytes) =>
        this.#fail(
          `was ended: it held ${bytes} bytes of memory, more than the ${maxMemoryBytes} of \`${key}.maxMemoryBytes\`.`,
        ),
    };
  }

  #onOutput(chunk: Buffer, { stdout }: Child): void {
    if (this.#isOver) return;
    const skipped = this.#framer.skippedLines;
    if (!this.#framer.feed(chunk)) {
      const { key, maxMessageBytes } = this.#command;
      this.#fail(
        `was ended: it wrote a message of more than the ${maxMessageBytes} bytes of \`${key}.maxMessageBytes\`.`,
      );
    } else if (this.#framer.skippedLines - skipped > maxSkippedLines) {
      stdout.pause();
      setTimeout(() => stdout.resume(), garbagePauseMs).unref();
    }
  }

  #onGarbage(line: Buffer, log: Log, fields: LogFields): void {
    if (this.#garbage.isFull) {
      this.#garbage.suppress(1);
      return;
    }
    this.#garbage.count();
    log.debug("a child wrote a line that is no message", { ...fields, line: readableLine(line, maxGarbageBytes) });
  }

  #onBrokenPipe(pipe: "input" | "output"): void {
    if (this.#isOver || this.#isClosing) return;
    const sentence = `was ended: \`${this.#command.command}\` closed its standard ${pipe}, which carries the messages.`;
    this.#brokenPipe ??= setTimeout(() => {
      if (!this.#isClosing) this.#fail(sentence);
    }, brokenPipeMs);
  }

  /** The child is of no use any more. */
  #fail(sentence: string): void {
    this.#finish(sentence);
    void this.#child.kill();
  }

  #finish(sentence: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#brokenPipe);
    this.#garbage.end();
    this.#reader.onClosed(new AppError("upstream_failed", `${this.#command.label} ${sentence}`));
  }
}
