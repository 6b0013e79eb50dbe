import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type * as z from "zod";
import type { Log } from "../../core/log.ts";
import { ifThere, replaceFile } from "./replace-file.ts";

const format = "passerelle-copy 1";

/** One value in a file that only this user may read: whole and undamaged, or as if it were not there. */
export class CopyFile<T> {
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  readonly #log: Log;

  constructor(path: string, schema: z.ZodType<T>, log: Log) {
    this.#path = path;
    this.#schema = schema;
    this.#log = log;
  }

  async read(): Promise<T | undefined> {
    try {
      const content = await ifThere(readFile(this.#path, "utf8"));
      if (content === undefined) return undefined;
      const end = content.indexOf("\n");
      const body = content.slice(end + 1);
      if (content.slice(0, end) !== headOf(body)) throw new Error("it is damaged, or of another version");
      return this.#schema.parse(JSON.parse(body));
    } catch (error) {
      this.#log.error("a copy cannot be used", { path: this.#path, error });
      return undefined;
    }
  }

  async write(value: T): Promise<void> {
    const body = JSON.stringify(value);
    await replaceFile(this.#path, () => `${headOf(body)}\n${body}`);
  }
}

function headOf(body: string): string {
  return `${format} ${createHash("sha256").update(body).digest("hex")}`;
}
