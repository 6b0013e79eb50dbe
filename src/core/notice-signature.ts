import { createHmac, timingSafeEqual } from "node:crypto";

/** A notice that goes from one process to another over HTTP. */
export interface Notice {
  /** Random; a receiver takes each once. */
  readonly id: string;
  /** Seconds since 1970, as text. */
  readonly timestamp: string;
  readonly body: string;
}

/** What became of a notice; `reason` is a sentence for the log of the sender. */
export type NoticeVerdict = { readonly kind: "taken" } | { readonly kind: "refused"; readonly reason: string };

/** The headers of Standard Webhooks 1.0, in lower case. */
export const noticeHeaders = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
} as const;

/** How far the clocks of sender and receiver may be apart, and how long ids are remembered. */
export const noticeWindowSeconds = 300;
/** Largest body of a notice. */
export const maxNoticeBytes = 4_096;

/** HMAC-SHA256 over id, timestamp and body, as Standard Webhooks has it: `v1,` and base64. */
export function signNotice(token: string, { id, timestamp, body }: Notice): string {
  return `v1,${createHmac("sha256", token).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Whether the signature is that of the notice; takes the same time for every wrong one. */
export function isSignedBy(token: string, notice: Notice, signature: string): boolean {
  const wanted = Buffer.from(signNotice(token, notice));
  const given = Buffer.from(signature);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
