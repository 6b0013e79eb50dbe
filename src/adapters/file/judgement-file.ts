import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Judgement, JudgementStore } from "../../core/judgement.ts";
import type { Log } from "../../core/log.ts";
import { ifThere } from "./replace-file.ts";

export interface JudgementFileOptions {
  /** Of this gateway alone; the file is `judgements.ndjson` in it. */
  readonly stateDirectory: string;
  /** Stands for the program: what another one has judged counts for nothing. */
  readonly build: string;
  readonly log: Log;
}

/** Judgements that come together are written once. */
const writeDelayMs = 200;
/** The file is written anew when it has this many lines that nobody needs, and more than needed ones. */
const mostIdleLines = 1_000;
const digestLength = 16;
const idLength = 43;
/** Behind the id of a judgement that counts no more. */
const forgotten = " null";

/**
 * Judgements in a file that only this user may read. A line that is damaged or torn is a judgement that is not there;
 * what cannot be written is logged, and judged again by the next start.
 */
export class JudgementFile implements JudgementStore {
  readonly #options: JudgementFileOptions;
  readonly #path: string;
  /** Lines by id; read when they are asked for. */
  readonly #lines = new Map<string, string>();
  /** How many lines the file has or will have. */
  #count: number;
  #pending: string[] = [];
  #isRewriting: boolean;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param text of a file of this program, which goes on; undefined begins a new one */
  private constructor(options: JudgementFileOptions, path: string, text: string | undefined) {
    this.#options = options;
    this.#path = path;
    const lines = (text ?? "").split("\n").slice(1, -1);
    for (const line of lines) {
      const id = line.slice(digestLength + 1, digestLength + 1 + idLength);
      if (line.endsWith(forgotten)) this.#lines.delete(id);
      else this.#lines.set(id, line);
    }
    this.#count = lines.length;
    // Nothing is appended to the torn line of a process that was killed.
    this.#isRewriting = text?.endsWith("\n") !== true;
  }

  /** Never fails: without a readable file it begins with nothing. */
  static async open(options: JudgementFileOptions): Promise<JudgementFile> {
    const { stateDirectory, log } = options;
    const path = join(stateDirectory, "judgements.ndjson");
    try {
      await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
      const text = await ifThere(readFile(path, "utf8"));
      return new JudgementFile(options, path, text?.startsWith(`${headOf(options)}\n`) === true ? text : undefined);
    } catch (error) {
      log.warn("what is known of documents cannot be read; they are judged again", { path, error });
      return new JudgementFile(options, path, undefined);
    }
  }

  find(id: string): Judgement | undefined {
    const line = this.#lines.get(id);
    if (line === undefined) return undefined;
    const body = line.slice(digestLength + 1);
    if (line.slice(0, digestLength) !== digestOf(body)) {
      this.#lines.delete(id);
      return undefined;
    }
    // The digest is that of what this very program has written.
    return JSON.parse(body.slice(idLength + 1)) as Judgement;
  }

  note(id: string, judgement: Judgement): void {
    const line = lineOf(`${id} ${JSON.stringify(judgement)}`);
    if (this.#lines.get(id) === line) return;
    this.#lines.set(id, line);
    this.#append(line);
  }

  forget(id: string): void {
    if (!this.#lines.delete(id)) return;
    this.#append(lineOf(`${id}${forgotten}`));
    this.#tidy();
  }

  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#lines.keys()) if (!ids.has(id)) this.#lines.delete(id);
    this.#tidy();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #append(line: string): void {
    this.#pending.push(line);
    this.#count++;
    this.#writeSoon();
  }

  #tidy(): void {
    const idle = this.#count - this.#lines.size;
    if (idle < mostIdleLines || idle < this.#lines.size) return;
    this.#isRewriting = true;
    this.#writeSoon();
  }

  #writeSoon(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, writeDelayMs).unref();
  }

  #write(): void {
    this.#writing = this.#writing
      .then(() => this.#writeNow())
      .catch((error: unknown) => {
        this.#isRewriting = true;
        this.#options.log.warn("what is known of documents cannot be written", { path: this.#path, error });
      });
  }

  async #writeNow(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    if (!this.#isRewriting) {
      if (pending.length > 0) await appendFile(this.#path, `${pending.join("\n")}\n`);
      return;
    }
    this.#isRewriting = false;
    this.#count = this.#lines.size;
    const beside = `${this.#path}.new`;
    await writeFile(beside, `${[headOf(this.#options), ...this.#lines.values()].join("\n")}\n`, { mode: 0o600 });
    await rename(beside, this.#path);
  }
}

function headOf({ build }: JudgementFileOptions): string {
  return JSON.stringify({ format: "passerelle-judgements", version: 1, build });
}

function lineOf(body: string): string {
  return `${digestOf(body)} ${body}`;
}

function digestOf(body: string): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, digestLength);
}
