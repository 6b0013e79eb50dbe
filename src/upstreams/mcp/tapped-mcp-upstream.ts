import type { McpCallContext } from "../../core/mcp-call.ts";
import type { UpstreamTap } from "../upstream-tap.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";
import { McpUpstream, type McpUpstreamOptions } from "./mcp-upstream.ts";
import type { McpUpstreamPlan } from "./mcp-upstream-plan.ts";

/** An MCP upstream whose calls a tap looks at. */
export class TappedMcpUpstream extends McpUpstream {
  readonly #name: string;
  readonly #tap: UpstreamTap;

  constructor(plan: McpUpstreamPlan, options: McpUpstreamOptions, tap: UpstreamTap) {
    super(plan, options);
    this.#name = plan.name;
    this.#tap = tap;
  }

  override request(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    const { method, params } = request;
    const answer = this.#tap.mcpSent(context, { upstream: this.#name, method, params: `${params}}` });
    const reply = super.request(request, context);
    if (answer === undefined) return reply;
    return reply.then(
      (answered) => {
        answer.answered(answered);
        return answered;
      },
      (error: unknown) => {
        answer.failed(error);
        throw error;
      },
    );
  }
}
