import type { JsonObject } from "../../../core/json.ts";
import {
  readServerMessage,
  type ServerError,
  type ServerRequest,
  type ServerResult,
} from "../../../protocol/server-message.ts";

/** Who takes the messages of a server, by what they are. */
export interface MessageTaker {
  takeResponse(response: ServerResult | ServerError): void;
  takeRequest(request: ServerRequest): void;
  takeNotification(method: string, params: JsonObject): void;
  /** What is no message; the reason completes "The message …". */
  takeInvalid(reason: string): void;
}

/** Reads one message, or one by one those of a batch (2025-03-26), and hands them on. */
export function takeMessage(text: string, taker: MessageTaker, isInBatch = false): void {
  const message = readServerMessage(text);
  switch (message.kind) {
    case "result":
    case "error":
      return taker.takeResponse(message);
    case "request":
      return taker.takeRequest(message);
    case "notification":
      return taker.takeNotification(message.method, message.params);
    case "batch":
      if (isInBatch) return taker.takeInvalid("is a batch in a batch");
      for (const part of message.texts) takeMessage(part, taker, true);
      return;
    case "invalid":
      return taker.takeInvalid(message.reason);
  }
}
