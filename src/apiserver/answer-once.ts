import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Context } from "hono";
import type { Caller } from "../access/caller.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { IdempotencyStore, RequestClaim } from "../core/idempotency-store.ts";
import type { Reply } from "./operation.ts";

const keyPattern = /^[\x21-\x7e]{16,255}$/;

export interface OnceRequest {
  readonly store: IdempotencyStore;
  readonly caller: Caller;
  readonly context: Context;
  /** The body as it came. */
  readonly text: string;
  readonly run: () => Promise<Reply>;
  readonly log: Log;
}

/**
 * Runs a request that carries `Idempotency-Key` at most once: later ones with the same key get the first answer. An
 * answer that is no success is not kept, so that a mended request may use the key again.
 *
 * What is kept is sealed with the key itself, of which the store knows a hash only: an answer may hold a secret that is
 * shown once.
 *
 * @throws AppError `unprocessable` for another request with the key, `conflict` while the first one runs
 */
export async function answerOnce({ store, caller, context, text, run, log }: OnceRequest): Promise<Reply> {
  const key = context.req.header("idempotency-key");
  if (key === undefined) return run();
  if (!keyPattern.test(key)) {
    throw new AppError("bad_request", "Idempotency-Key must have 16 to 255 visible ASCII characters, such as a UUID.");
  }
  const claim: RequestClaim = {
    caller: caller.id,
    keyHash: sha256(`${caller.id}\n${key}`),
    requestHash: sha256(`${context.req.method} ${context.req.url.replace(/^\w+:\/\/[^/]*/, "")}\n${text}`),
  };
  const outcome = await store.claim(claim);
  switch (outcome.kind) {
    case "first":
      return runClaimed({ store, claim, key, run, log });
    case "running":
      throw new AppError("conflict", "The first request with this Idempotency-Key is still running. Try again soon.");
    case "differs":
      throw new AppError("unprocessable", "This Idempotency-Key was used for another request. Choose a new one.");
    case "answered":
      return unseal(outcome.answer, key, claim);
    default:
      return outcome satisfies never;
  }
}

interface Claimed extends Pick<OnceRequest, "store" | "run" | "log"> {
  readonly claim: RequestClaim;
  readonly key: string;
}

async function runClaimed({ store, claim, key, run, log }: Claimed): Promise<Reply> {
  // What was done is done: the caller is told so, even when it cannot be remembered.
  const warn = (error: unknown): void => log.warn("the answer to a request with a key is not remembered", { error });
  let reply: Reply;
  try {
    reply = await run();
  } catch (error) {
    await store.release(claim).catch(warn);
    throw error;
  }
  const isKept = reply.status < 300 && reply.raw === undefined;
  await (isKept ? store.keep(claim, seal(reply, key, claim)) : store.release(claim)).catch(warn);
  return reply;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const nonceBytes = 12;
const tagBytes = 16;

function seal({ status, body, headers }: Reply, key: string, claim: RequestClaim): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(key, claim), nonce);
  const sealed = [cipher.update(JSON.stringify({ status, body, headers }), "utf8"), cipher.final()];
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString("base64");
}

function unseal(answer: string, key: string, claim: RequestClaim): Reply {
  const bytes = Buffer.from(answer, "base64");
  const decipher = createDecipheriv("aes-256-gcm", sealingKey(key, claim), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  return JSON.parse(text.toString("utf8")) as Reply; // `seal` has written it, and the tag says so
}

function sealingKey(key: string, { caller, requestHash }: RequestClaim): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, caller, requestHash, 32));
}
