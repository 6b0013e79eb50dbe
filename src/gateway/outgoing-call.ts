import type { CallContext } from "../core/call.ts";
import type { JsonObject } from "../core/json.ts";

/** A call that the methods are still preparing: they set what to send and by when. */
export interface OutgoingCall extends CallContext {
  args: JsonObject;
  deadlineAt: number;
}
