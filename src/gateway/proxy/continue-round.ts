import { AppError } from "../../core/errors.ts";
import { rank } from "../../protocol/revisions.ts";
import type { McpRequest } from "../../upstreams/mcp/mcp-request.ts";
import type { Exchange } from "../exchange.ts";
import type { Round } from "../input/read-round.ts";
import type { McpHandle } from "../upstream-pool.ts";
import { withAnswers } from "./mcp-requests.ts";

/**
 * The request with what the client brings along for the upstream: the answers to the upstream's own
 * questions, and its state as it gave it.
 *
 * @throws AppError `invalid_params` when the state belongs to another upstream
 */
export function continueRound(
  { principal }: Exchange,
  upstream: McpHandle,
  request: McpRequest,
  { state, responses }: Round,
): McpRequest {
  if (state?.kind === "asked") {
    if (state.upstream === upstream.name) return withAnswers(request, responses, state.state);
    throw new AppError(
      "invalid_params",
      "The upstream that params.requestState belongs to is not served here any more.",
    );
  }
  // A client may answer before it is asked; only servers of its own era know what to do with it.
  const isEarly = state === undefined && Object.keys(responses).length > 0;
  if (!isEarly || upstream.open().catalogue(principal).server?.rank !== rank["2026-07-28"]) return request;
  return withAnswers(request, responses, undefined);
}
