import type { Exchange } from "../exchange.ts";
import type { RequestBinding } from "./request-state.ts";

/** What the states of an exchange are bound to. */
export function bindingOf({ principal, server, message }: Exchange): RequestBinding {
  return { principalId: principal.id, serverKey: server.key, method: message.method, params: message.params };
}
