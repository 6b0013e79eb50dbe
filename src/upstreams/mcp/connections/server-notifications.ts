import { type LogEntry, logLevels, type LogLevel, type ProgressUpdate } from "../../../core/call.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { ConnectionListener } from "../connection.ts";
import type { Attribution } from "./attribution.ts";
import type { PendingCall } from "./pending-call.ts";

/** About the server as a whole, whoever's call they come with. */
const aboutServer: ReadonlySet<string> = new Set([
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/resources/updated",
]);

/** Passes a notification on, other than progress and cancellation: to a call, to the listener, or to nobody. */
export function deliverNotification(
  method: string,
  params: JsonObject,
  attribution: Attribution,
  listener: ConnectionListener,
): void {
  if (aboutServer.has(method) || attribution === "nobody") {
    listener.onNotification(method, params);
    return;
  }
  // It belongs to one of several strangers: better lost than shown to the wrong one.
  if (attribution === "strangers") return;
  const { context } = attribution;
  if (method !== "notifications/message") context?.notify(method, params);
  else if (isLogEntry(params)) context?.log(params);
}

/** Passes progress on to its call; its members stay as they are, but for the token, which is the gateway's. */
export function deliverProgress(params: JsonObject, call: PendingCall | undefined): void {
  const context = call?.context;
  if (context?.wantsProgress !== true) return;
  const { progressToken: _, ...update } = params;
  if (isProgress(update)) context.progress(update);
}

/** Only what is counted with is looked at; a wrong `total` is the client's to judge. */
function isProgress(update: JsonObject): update is JsonObject & ProgressUpdate {
  return typeof update["progress"] === "number";
}

function isLogEntry(params: JsonObject): params is JsonObject & LogEntry {
  return isLogLevel(params["level"]) && params["data"] !== undefined;
}

function isLogLevel(level: JsonValue | undefined): level is LogLevel {
  return logLevels.some((known) => known === level);
}
