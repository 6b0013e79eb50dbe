import type { Context } from "hono";
import type * as z from "zod";
import { AppError } from "../core/errors.ts";
import { maxConfigDepth } from "../core/json.ts";
import type { AnyOperation } from "./operation.ts";
import type { FieldProblem } from "./problem.ts";

const defaultBodyBytes = 1_048_576;

/** The body as it came and as it was read. */
export interface ReadBody {
  readonly text: string;
  readonly value: unknown;
}

/**
 * Reads the body of an operation that has one.
 *
 * @throws AppError `unsupported_media_type`, `payload_too_large`, `bad_request`
 */
export async function readBody(operation: AnyOperation, context: Context): Promise<ReadBody> {
  const { body, bodyContentType, maxBodyBytes = defaultBodyBytes } = operation;
  if (body === undefined) return { text: "", value: undefined };
  const given = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const wanted = bodyContentType ?? "application/json";
  if (given !== wanted) throw new AppError("unsupported_media_type", `Send the body as ${wanted}.`);
  const text = await readText(context.req.raw, maxBodyBytes);
  return { text, value: parsePart("body", body, bodyContentType === undefined ? parseJson(text) : text) };
}

/** Counts as it reads: what a request says of its length need not be true, and may be missing. */
async function readText({ headers, body }: Request, maxBytes: number): Promise<string> {
  const tooLarge = new AppError("payload_too_large", `The body is larger than ${maxBytes} bytes.`);
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new AppError("bad_request", "The body is not valid UTF-8.", { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("bad_request", "The body is not valid JSON.", { cause });
  }
}

/**
 * A part of the request by its schema.
 *
 * @throws AppError `bad_request` that names each field and what is wrong with it
 */
export function parsePart(part: "path" | "query" | "body", schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  checkTexts(part, value);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(
    parsed.error.issues.map(({ path, message }) => ({ field: [part, ...path.map(String)].join("."), message })),
  );
}

/** Most problems that are told of one request. */
const maxTold = 20;

function refusal(errors: readonly FieldProblem[]): AppError {
  const [first] = errors;
  return new AppError("bad_request", `The request cannot be taken: ${first?.field}: ${first?.message}.`, {
    data: { errors: errors.slice(0, maxTold) },
  });
}

/**
 * Refuses what no store can keep: NUL and lone surrogates in texts, and nesting that others would fall over. It keeps
 * its own stack, since a body may be nested a million times.
 */
function checkTexts(part: string, value: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: inner, depth } = next;
    if (typeof inner === "string") checkText(part, inner);
    if (typeof inner !== "object" || inner === null) continue;
    if (depth === maxConfigDepth)
      throw refusal([{ field: part, message: `it is nested more than ${maxConfigDepth} deep` }]);
    for (const [key, child] of Object.entries(inner)) {
      checkText(part, key);
      open.push({ value: child, depth: depth + 1 });
    }
  }
}

function checkText(part: string, text: string): void {
  if (text.includes("\0")) throw refusal([{ field: part, message: "it holds a NUL character" }]);
  if (!text.isWellFormed())
    throw refusal([{ field: part, message: "it holds half of a character (a lone surrogate)" }]);
}
