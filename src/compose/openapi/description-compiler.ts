import type {
  CompiledDescription,
  CompileRequest,
  DescriptionCompiler,
  GivenText,
} from "../../apiserver/imports/import-parts.ts";
import { AppError, type ErrorCode } from "../../core/errors.ts";
import { recordImport } from "../../imports/merge/import-record.ts";
import type { SourceText } from "../../imports/openapi/openapi-import.ts";
import type { LoadDocument } from "../../imports/openapi/reading/document-set.ts";
import { compileInWorker } from "./compile-in-worker.ts";
import { descriptionLoader } from "./description-loader.ts";

/** Compiles for the apiserver: from texts and URLs, never from files of the machine. */
export class WorkerCompiler implements DescriptionCompiler {
  readonly #allow: readonly string[];

  /** @param allow private addresses and ranges that descriptions may be fetched from */
  constructor(allow: readonly string[]) {
    this.#allow = allow;
  }

  async compile(
    { source, overlays, choices, merge }: CompileRequest,
    signal: AbortSignal,
  ): Promise<CompiledDescription> {
    try {
      const load = this.#loaderFor(source, signal);
      const texts: SourceText[] = [];
      for (const overlay of overlays) texts.push(await read(overlay, this.#loaderFor(overlay, signal)));
      const description = { ...(await read(source, load)), overlays: texts };
      const options = { load, signal, ...(merge === undefined ? {} : { merge }) };
      const made = await compileInWorker(description, choices, options);
      return { made, record: recordImport(description, choices, made) };
    } catch (error) {
      // What the caller named cannot be had: that is no failure of this server.
      if (error instanceof AppError && callersFault.has(error.code)) {
        throw new AppError("unprocessable", error.message, { cause: error });
      }
      throw error;
    }
  }

  #loaderFor(given: GivenText, signal: AbortSignal): LoadDocument {
    const place = given.kind === "url" ? { address: given.url, headers: given.headers } : { headers: {} };
    return descriptionLoader({ ...place, allow: this.#allow, allowKey: "--import-allow", signal });
  }
}

const callersFault: ReadonlySet<ErrorCode> = new Set(["upstream_failed", "timed_out", "payload_too_large"]);

async function read(given: GivenText, load: LoadDocument): Promise<SourceText> {
  if (given.kind === "text") return { name: given.name, text: given.text };
  const url = new URL(given.url);
  // What stands in its query may be a key, and the name goes into the document.
  return { name: `${url.origin}${url.pathname}`, address: url.href, text: await load(url.href) };
}
