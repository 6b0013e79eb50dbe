import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { maxNoticeBytes, type NoticeVerdict } from "../core/notice-signature.ts";
import { writeEmpty, writeJson } from "./endpoints/http-json.ts";
import { readBody } from "./endpoints/read-body.ts";

/** Judges a notice by its headers and its body; what it takes has become a hint. */
export type ReceiveNotice = (headers: IncomingHttpHeaders, body: string) => NoticeVerdict;

/** `POST /notify`: 204 when the notice was taken, 401 with the reason when it was not. */
export function takeNotice(request: IncomingMessage, response: ServerResponse, receive: ReceiveNotice): void {
  readBody(request, maxNoticeBytes, (error, body) => {
    if (error !== undefined) {
      const text = JSON.stringify({ error: `A notice has at most ${maxNoticeBytes} bytes.` });
      writeJson(response, 413, text, "", ["Connection", "close"]);
      return;
    }
    const verdict = receive(request.headers, body.toString("utf8"));
    if (verdict.kind === "taken") writeEmpty(response, 204);
    else writeJson(response, 401, JSON.stringify({ error: `Refused: ${verdict.reason}.` }));
  });
}
