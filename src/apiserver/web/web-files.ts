import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export type Encoding = "br" | "gzip";

/** A file of the web UI, in one of the forms that the build made of it. */
export interface WebFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly encoding: Encoding | undefined;
  readonly etag: string;
}

/** The files of the built UI. Nothing outside of the list that was made at the start is ever read. */
export class WebFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  private constructor(folder: string, names: ReadonlySet<string>) {
    this.#folder = folder;
    this.#names = names;
  }

  /** Those beside the program, or of the last build when it runs from its sources; undefined when nobody built any. */
  static find(): WebFiles | undefined {
    for (const place of ["./web/", "../../../dist/web/"]) {
      const folder = fileURLToPath(new URL(place, import.meta.url));
      const names = listNames(folder);
      if (names.has("index.html")) return new WebFiles(folder, names);
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.#names.has(name) && contentTypeOf(name) !== undefined;
  }

  /** Undefined when there is no such file. `accepted` is what the client says in `Accept-Encoding`. */
  async read(name: string, accepted: string): Promise<WebFile | undefined> {
    const contentType = contentTypeOf(name);
    if (contentType === undefined || !this.#names.has(name)) return undefined;
    const encoding = this.#pickEncoding(name, accepted);
    const bytes = await readFile(join(this.#folder, name + (encoding === undefined ? "" : endings[encoding])));
    return { bytes, contentType, encoding, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` };
  }

  #pickEncoding(name: string, accepted: string): Encoding | undefined {
    const wanted = accepted.split(",").filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part));
    const names = new Set(wanted.map((part) => part.split(";")[0]?.trim().toLowerCase()));
    return (["br", "gzip"] as const).find(
      (encoding) => names.has(encoding) && this.#names.has(name + endings[encoding]),
    );
  }
}

const endings: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" };

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

function contentTypeOf(name: string): string | undefined {
  return contentTypes[name.slice(name.lastIndexOf(".") + 1)];
}

/** Paths with `/` between their parts, as addresses have them. */
function listNames(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll(sep, "/")));
  } catch {
    // The folder is not there: the UI was not built, and the API works without it.
    return new Set();
  }
}
