import { AppError } from "../../core/errors.ts";
import { appendMembers, dropMember, editObject } from "../../protocol/edit-object.ts";
import { filterInput } from "../../protocol/input-filter.ts";
import type { McpResult } from "../../upstreams/mcp/mcp-request.ts";
import type { Exchange, Rounds } from "../exchange.ts";
import { bindingOf } from "../input/request-binding.ts";
import type { McpHandle } from "../upstream-pool.ts";
import { readInputRequests } from "./input-requests.ts";

const withoutState = new Map([["requestState", dropMember]]);

/**
 * Hands an `input_required` result of an upstream to a client of the same revision, keys and questions
 * as written. The upstream's state is wrapped in one of ours, so that it counts for this caller, this
 * tool and these parameters alone. Nothing is kept here.
 *
 * @throws AppError `missing_capability` when something is asked that the client has not declared
 */
export function passOnQuestions(
  exchange: Exchange,
  { states }: Rounds,
  upstream: McpHandle,
  result: McpResult,
): string {
  const { requests, state } = readInputRequests(result);
  for (const [, request] of requests) {
    const { rank, client } = exchange;
    const filtered = filterInput(request, { rank, capabilities: client.capabilities }, () => "");
    if (filtered.kind === "request") continue;
    const { message, lacks } = filtered;
    if (lacks === undefined)
      throw new AppError("upstream_failed", `The upstream asks what no client can answer. ${message}`);
    throw new AppError("missing_capability", message, { data: { requiredCapabilities: lacks } });
  }
  const ours = states.write(
    { kind: "asked", upstream: upstream.name, state },
    bindingOf(exchange),
    exchange.inputTimeoutMs,
  );
  return appendMembers(editObject(result.text, withoutState), `,"requestState":${JSON.stringify(ours)}`);
}
