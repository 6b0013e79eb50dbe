import { AppError } from "../../core/errors.ts";

export interface DecodedBinary {
  readonly bytes: Buffer;
  /** From a data: URI; absent for plain base64. */
  readonly mimeType: string | undefined;
}

const base64Text = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * Decodes base64 (also base64url, line breaks allowed) or a data: URI (RFC 2397).
 * Fails with `AppError("invalid_params")` that names `what`.
 */
export function decodeBinary(text: string, what: string): DecodedBinary {
  if (!/^data:/i.test(text)) return { bytes: fromBase64(text, what), mimeType: undefined };
  const comma = text.indexOf(",");
  if (comma === -1) throw invalid(what);
  const [mimeType = "", ...parameters] = text.slice("data:".length, comma).split(";");
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === "base64";
  const bytes = isBase64 ? fromBase64(text.slice(comma + 1), what) : fromPercentEncoding(text.slice(comma + 1), what);
  return { bytes, mimeType: mimeType === "" ? "text/plain" : mimeType };
}

function fromBase64(text: string, what: string): Buffer {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  if (!base64Text.test(compact)) throw invalid(what);
  return Buffer.from(compact, "base64");
}

function fromPercentEncoding(text: string, what: string): Buffer {
  try {
    return Buffer.from(decodeURIComponent(text), "utf8");
  } catch (cause) {
    throw new AppError("invalid_params", `${what} is a data: URI with broken percent-encoding.`, { cause });
  }
}

function invalid(what: string): AppError {
  return new AppError("invalid_params", `${what} must be base64 or a data: URI.`);
}
