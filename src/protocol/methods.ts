import { type Rank, rank } from "./revisions.ts";

/** Requests that both eras have, answered alike below the framing. */
const sharedMethods = [
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "completion/complete",
] as const;

export type SharedMethod = (typeof sharedMethods)[number];

const legacyOnly = ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"];
const modernOnly = ["server/discover", "subscriptions/listen"];

const shared: ReadonlySet<string> = new Set(sharedMethods);
const known: ReadonlySet<string> = new Set([...sharedMethods, ...legacyOnly, ...modernOnly]);

/** Lists change, and the client wants to hear of it. */
export function isListMethod(method: string): boolean {
  return method.endsWith("/list");
}

export function isSharedMethod(method: string): method is SharedMethod {
  return shared.has(method);
}

/** Whether any revision that is served has this request. */
export function isKnownMethod(method: string): boolean {
  return known.has(method);
}

/** Notifications that the gateway itself tells its clients, or that concern one hop alone. */
const ownNotifications: ReadonlySet<string> = new Set([
  "notifications/cancelled",
  "notifications/initialized",
  "notifications/message",
  "notifications/progress",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/resources/updated",
  "notifications/roots/list_changed",
  "notifications/subscriptions/acknowledged",
  "notifications/tasks/status",
  "notifications/tools/list_changed",
]);

/** Whether a notification of an upstream's call is passed on to a client of that rank; vendors' ones are. */
export function isForwarded(method: string, receiver: Rank): boolean {
  // Only 2025-11-25 has an id by which a client knows what was completed.
  if (method === "notifications/elicitation/complete") return receiver === rank["2025-11-25"];
  return !ownNotifications.has(method);
}
