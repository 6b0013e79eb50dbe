import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type * as z from "zod";
import type { ControlPlaneLine } from "./control-plane-line.ts";

/** A whole answer that has a revision: asked for again, it comes only when it has changed. */
export class ConditionalRead<T extends { readonly revision: number }> {
  readonly #line: ControlPlaneLine;
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  /** Of the answer that was read last; the answer itself is kept by who reads it. */
  #revision: number | undefined;
  /** What `revision` had to read, for the `read` that follows. */
  #ahead: T | undefined;

  constructor(line: ControlPlaneLine, path: string, schema: z.ZodType<T>) {
    this.#line = line;
    this.#path = path;
    this.#schema = schema;
  }

  async revision(): Promise<number> {
    const known = this.#ahead?.revision ?? this.#revision;
    const news = await this.#ask(known);
    if (news === undefined) return known ?? 0;
    this.#ahead = news;
    return news.revision;
  }

  async read(): Promise<T> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const answer = ahead ?? (await this.#ask(undefined));
    if (answer === undefined) throw new Error("an answer without its condition is never empty");
    this.#revision = answer.revision;
    return answer;
  }

  #ask(known: number | undefined): Promise<T | undefined> {
    const etag = known === undefined ? undefined : `"${known}"`;
    return this.#line.ask({ method: "GET", path: this.#path, etag }, async ({ status, body, isGzip }) => {
      if (status === 304) {
        await body.dump();
        return undefined;
      }
      const json = isGzip ? await text(body.pipe(createGunzip())) : await body.text();
      return this.#schema.parse(JSON.parse(json));
    });
  }
}
