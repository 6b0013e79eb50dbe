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

export function isSharedMethod(method: string): method is SharedMethod {
  return shared.has(method);
}

/** Whether any revision that is served has this request. */
export function isKnownMethod(method: string): boolean {
  return known.has(method);
}
