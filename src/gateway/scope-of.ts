import type { CallContext } from "../core/call.ts";
import type { SecretSource } from "../core/config-source.ts";
import type { JsonObject } from "../core/json.ts";
import type { Scope } from "../expressions/scope.ts";

/** What expressions see that the gateway itself evaluates, without a backend's answer. */
export function scopeOf(call: CallContext, args: JsonObject, secrets: SecretSource): Scope {
  return { args, request: call.request, principal: call.principal, secrets };
}
