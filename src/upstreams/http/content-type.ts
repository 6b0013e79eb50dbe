import { isUtf8 } from "node:buffer";

/** What a body is to MCP. */
export type BodyKind = "json" | "text" | "image" | "audio" | "binary";

export interface ContentType {
  /** Without parameters, in lower case. */
  readonly mimeType: string;
  /** Label of the character encoding, in lower case; absent when none is named. */
  readonly charset: string | undefined;
  readonly kind: BodyKind;
}

/** Types that are text although their name does not begin with `text/`. */
const textTypes = new Set([
  "application/ecmascript",
  "application/graphql",
  "application/graphql-response+json",
  "application/javascript",
  "application/jsonl",
  "application/jwt",
  "application/ndjson",
  "application/sql",
  "application/toml",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-sh",
  "application/x-www-form-urlencoded",
  "application/x-yaml",
  "application/xml",
  "application/yaml",
  "message/http",
]);

/** Reads a Content-Type header (RFC 9110, 8.3). Without one the body says what it is. */
export function readContentType(header: string | undefined, body: Buffer): ContentType {
  if (header === undefined || header.trim() === "") return guessType(body);
  const [type = "", ...parameters] = header.split(";");
  const mimeType = type.trim().toLowerCase();
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/i.exec(parameter)?.[1]?.toLowerCase())
    .find((label) => label !== undefined);
  return { mimeType, charset, kind: kindOf(mimeType) };
}

function kindOf(mimeType: string): BodyKind {
  if (mimeType === "application/json" || mimeType.endsWith("+json") || mimeType === "text/json") return "json";
  if (mimeType.startsWith("text/") || textTypes.has(mimeType) || mimeType.endsWith("+yaml")) return "text";
  if (mimeType.startsWith("image/")) return "image";
  if (mimeType.startsWith("audio/")) return "audio";
  return mimeType.endsWith("+xml") ? "text" : "binary";
}

function guessType(body: Buffer): ContentType {
  if (!isUtf8(body) || body.includes(0)) {
    return { mimeType: "application/octet-stream", charset: undefined, kind: "binary" };
  }
  const first = /^\s*([[{])/.exec(body.toString("utf8", 0, 64))?.[1];
  return first === undefined
    ? { mimeType: "text/plain", charset: "utf-8", kind: "text" }
    : { mimeType: "application/json", charset: "utf-8", kind: "json" };
}

/** Whether Node's own UTF-8 decoding reads the body. */
export function isPlainUtf8(type: ContentType): boolean {
  return (
    type.charset === undefined || type.charset === "utf-8" || type.charset === "utf8" || type.charset === "us-ascii"
  );
}

/** The text of a body. Bytes that the encoding does not know, and unknown encodings, become U+FFFD. */
export function decodeText(body: Buffer, type: ContentType): string {
  if (!isPlainUtf8(type)) {
    try {
      return new TextDecoder(type.charset).decode(body);
    } catch {
      // An encoding that nobody knows: its ASCII part is still readable as UTF-8.
      return body.toString("utf8");
    }
  }
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return hasMark ? body.toString("utf8", 3) : body.toString("utf8");
}
