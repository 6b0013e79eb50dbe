import type { ServerResponse } from "node:http";
import { writeJson } from "./endpoints/http-json.ts";
import type { GatewayState } from "./gateway-state.ts";

/** Liveness and readiness for load balancers. False when the path is neither. */
export function answerProbe(state: GatewayState, path: string, response: ServerResponse): boolean {
  if (path === "/healthz") {
    writeJson(response, 200, '{"status":"ok"}');
    return true;
  }
  if (path === "/readyz") {
    if (state.loading !== undefined) writeJson(response, 503, '{"status":"loading"}');
    else if (state.draining) writeJson(response, 503, '{"status":"draining"}');
    else writeJson(response, 200, '{"status":"ready"}');
    return true;
  }
  return false;
}
