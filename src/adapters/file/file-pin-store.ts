import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { maxPinsPerUpstream, type Pin, type PinKey, type PinStore } from "../../core/pin-store.ts";

const pinsFile = z.strictObject({
  version: z.literal(1),
  pins: z.array(
    z.strictObject({
      server: z.string(),
      upstream: z.string(),
      tool: z.string(),
      /** SHA-256 digests by field. */
      digests: z.record(z.string(), z.string()),
    }),
  ),
});

type PinEntry = z.output<typeof pinsFile>["pins"][number];

/** Pins that come together are written once. */
const writeDelayMs = 100;

/**
 * Remembers pins in `pins.json` of a folder, which one gateway at a time writes. The file is read when it
 * is opened; an entry that is deleted from it is pinned anew after the next start.
 */
export class FilePinStore implements PinStore {
  readonly #path: string;
  readonly #log: Log;
  readonly #entries = new Map<string, Map<string, PinEntry>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, log: Log, entries: readonly PinEntry[]) {
    this.#path = path;
    this.#log = log;
    for (const entry of entries) this.#ofUpstream(entry).set(entry.tool, entry);
  }

  /**
   * Opens the store of a folder, which is made when it is missing. Fails with
   * `AppError("invalid_configuration")` when the folder or the file cannot be used: a file that is
   * damaged is never overwritten.
   */
  static async open(directory: string, log: Log): Promise<FilePinStore> {
    const path = join(directory, "pins.json");
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const text = await readFile(path, "utf8").catch(absentAsEmpty);
      return new FilePinStore(path, log, text === undefined ? [] : pinsFile.parse(JSON.parse(text)).pins);
    } catch (cause) {
      throw new AppError(
        "invalid_configuration",
        `The pins in ${path} cannot be read: mend or move the file, or give another --state-dir.`,
        { cause },
      );
    }
  }

  get({ server, upstream, tool }: PinKey): Pin | undefined {
    return this.#entries.get(keyOf(server, upstream))?.get(tool)?.digests;
  }

  add(key: PinKey, pin: Pin): boolean {
    const ofUpstream = this.#ofUpstream(key);
    if (ofUpstream.size >= maxPinsPerUpstream) return false;
    const { server, upstream, tool } = key;
    ofUpstream.set(tool, { server, upstream, tool, digests: pin });
    this.#timer ??= setTimeout(() => this.#write(), writeDelayMs).unref();
    return true;
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#write();
    await this.#writing;
  }

  #ofUpstream({ server, upstream }: Pick<PinKey, "server" | "upstream">): Map<string, PinEntry> {
    const key = keyOf(server, upstream);
    const known = this.#entries.get(key) ?? new Map<string, PinEntry>();
    this.#entries.set(key, known);
    return known;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pins = [...this.#entries.values()].flatMap((ofUpstream) => [...ofUpstream.values()]);
    const text = `${JSON.stringify({ version: 1, pins }, undefined, 2)}\n`;
    this.#writing = this.#writing
      .then(() => replaceFile(this.#path, text))
      .catch((error: unknown) => this.#log.error("pins are not written down", { path: this.#path, error }));
  }
}

function keyOf(server: string, upstream: string): string {
  return `${server}\n${upstream}`;
}

function absentAsEmpty(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** Whoever reads the file, or starts after a crash, finds the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
