import { realpath, stat } from "node:fs/promises";
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../../core/errors.ts";
import type { LoadDocument } from "../../imports/openapi/reading/document-set.ts";
import { fetchText } from "../../upstreams/http/fetch-text.ts";

export interface LoaderOptions {
  /** Where the description itself is: `https:`, `http:` or `file:`. Absent when it was handed in as text. */
  readonly address?: string;
  /** Folder that files must be in; no file is read without it. */
  readonly folder?: string;
  /** Addresses and ranges that the egress guard lets through besides the public internet. */
  readonly allow: readonly string[];
  /** For messages: what the operator changes to allow an address. */
  readonly allowKey: string;
  /** Sent to the origin of `address` only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const maxBytes = 33_554_432;
const timeoutMs = 30_000;

/**
 * Reads the description and what it references: files of one folder, and URLs through the egress guard. Fails with
 * `AppError` that says what and why.
 */
export function descriptionLoader(options: LoaderOptions): LoadDocument {
  return async (address) => {
    const url = new URL(address);
    switch (url.protocol) {
      case "https:":
      case "http:":
        return load(url, options);
      case "file:":
        return readInside(url, options.folder);
      default:
        throw new AppError(
          "unprocessable",
          "It is relative, and the description came without an address. Give the file or the URL instead.",
        );
    }
  };
}

function load(url: URL, { address, allow, allowKey, headers, signal }: LoaderOptions): Promise<string> {
  if (url.username !== "" || url.password !== "") {
    throw new AppError(
      "unprocessable",
      `${url.origin}: the address holds a user name or password; send a header instead.`,
    );
  }
  const isOwnOrigin = address !== undefined && new URL(address).origin === url.origin;
  return fetchText(url.href, {
    egress: { allow, key: allowKey },
    headers: isOwnOrigin ? headers : {},
    maxBytes,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Links are followed before the folder is compared: one that leads out of it is outside. */
async function readInside(url: URL, folder: string | undefined): Promise<string> {
  if (folder === undefined) throw new AppError("unprocessable", "It names a file, and files are not read here.");
  const path = fileURLToPath(url);
  try {
    const real = await realpath(path);
    const inside = relative(await realpath(folder), real);
    if (inside === ".." || inside.startsWith(`..${sep}`) || inside.startsWith(sep)) {
      throw new AppError("unprocessable", `It is outside of the folder of the description (${folder}). Move it there.`);
    }
    const { size } = await stat(real);
    if (size > maxBytes) throw new AppError("unprocessable", `It has more than ${maxBytes / 1_048_576} MB.`);
    return await readFile(real, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new AppError("unprocessable", `The file cannot be read (${code}).`, { cause: error });
  }
}
