import type { InputRequest } from "../../core/mcp-call.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";

/** The JSON text of an `InputRequiredResult` (2026-07-28, multi round-trip requests). */
export function encodeInputRequired(
  server: CompiledServer,
  requests: readonly (readonly [key: string, request: InputRequest])[],
  requestState: string,
): string {
  const inputRequests = requests.map(
    ([key, { method, params }]) =>
      `${JSON.stringify(key)}:{"method":${JSON.stringify(method)},"params":${stringifyJson(params)}}`,
  );
  return `{"resultType":"input_required","inputRequests":{${inputRequests.join(",")}},"requestState":${JSON.stringify(requestState)}${server.modernMeta}}`;
}
