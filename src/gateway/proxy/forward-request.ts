import { AppError, type ErrorCode } from "../../core/errors.ts";
import type { McpError, McpReply, McpRequest } from "../../upstreams/mcp/mcp-request.ts";
import type { UriNamespace } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";
import type { Reply } from "../reply.ts";
import { askClient } from "./ask-client.ts";
import { encodeCallFailure } from "../methods/encode-call-result.ts";
import type { McpHandle } from "../upstream-pool.ts";
import { type InputRequests, readInputRequests } from "./input-requests.ts";
import { withAnswers } from "./mcp-requests.ts";
import { passOnQuestions } from "./pass-on-questions.ts";
import { headerMismatch, missingCapability, translateError, urlElicitationRequired } from "./translate-error.ts";
import { type ProxiedMethod, translateResult } from "./translate-result.ts";
import { describeUrls, passOnUrls } from "./url-elicitation.ts";
import { rank } from "../../protocol/revisions.ts";

/** One request of a client on its way to an MCP upstream, and how its answer comes back. */
export interface Forwarding {
  readonly exchange: Exchange;
  readonly method: ProxiedMethod;
  readonly upstream: McpHandle;
  readonly request: McpRequest;
  /** How URIs of the upstream are written for clients; undefined when they are not rewritten. */
  readonly namespace: UriNamespace | undefined;
  /** The resource that the request names, as the client knows it. */
  readonly uri: string | undefined;
  /**
   * Writes the request anew after the upstream has refused its headers, which are made from what it listed;
   * undefined when it is not listed any more. Absent where no header depends on that.
   */
  readonly rewrite?: () => Promise<McpRequest | undefined>;
}

/** An upstream may ask this often in one call before it is taken for broken. */
const maxRounds = 10;

/** Failures that a model can do something about: a tool's result says them. */
const toldToModel: ReadonlySet<ErrorCode> = new Set(["upstream_failed", "timed_out", "overloaded"]);

/** Sends a request to its upstream and brings back the answer in the terms of the client's revision. */
export function forward(forwarding: Forwarding): Promise<Reply> {
  return send(forwarding, forwarding.request, 0);
}

function send(forwarding: Forwarding, request: McpRequest, rounds: number): Promise<Reply> {
  const { exchange, upstream } = forwarding;
  // It may have waited: for lists of upstreams, or for its user.
  exchange.throwIfCancelled();
  return upstream
    .open()
    .request(request, exchange)
    .then(
      (reply) => settle(forwarding, reply, rounds),
      (error: unknown) => fail(forwarding, error),
    );
}

function settle(forwarding: Forwarding, reply: McpReply, rounds: number): Reply | Promise<Reply> {
  try {
    return carryOver(forwarding, reply, rounds);
  } catch (error) {
    return fail(forwarding, blameUpstream(error));
  }
}

function carryOver(forwarding: Forwarding, reply: McpReply, rounds: number): Reply | Promise<Reply> {
  if (reply.kind === "error") {
    if (reply.code === headerMismatch && forwarding.rewrite !== undefined) return repeat(forwarding, reply);
    return endWithError(forwarding, reply);
  }
  const { exchange, method } = forwarding;
  if (reply.value["resultType"] === "input_required" && method !== "completion/complete") {
    const between = exchange.inquirer.rounds;
    if (between !== undefined) return passOnQuestions(exchange, between, forwarding.upstream, reply);
    return askAndRepeat(forwarding, readInputRequests(reply), rounds);
  }
  if (method === "tools/call") exchange.toolFailed = reply.value["isError"] === true;
  return translateResult(forwarding, reply);
}

/** Once more with headers after the lists of now (2026-07-28, transports, header mismatch). */
async function repeat({ rewrite, ...forwarding }: Forwarding, refusal: McpError): Promise<Reply> {
  const request = await rewrite?.();
  if (request === undefined) return endWithError(forwarding, refusal);
  return send({ ...forwarding, request }, request, 0);
}

/** A client with a handshake is asked now; the answers go along with the same request once more. */
async function askAndRepeat(forwarding: Forwarding, asks: InputRequests, rounds: number): Promise<Reply> {
  if (rounds === maxRounds) {
    const message = `The upstream "${forwarding.upstream.name}" has asked ${maxRounds} times in one call.`;
    return fail(forwarding, new AppError("upstream_failed", message));
  }
  const asked = await askClient(forwarding.exchange, asks);
  if (asked.kind === "refused") return fail(forwarding, new AppError("upstream_failed", asked.message));
  return send(forwarding, withAnswers(forwarding.request, asked.answers, asked.state), rounds + 1);
}

function endWithError(forwarding: Forwarding, error: McpError): Reply {
  const { exchange, method, uri } = forwarding;
  if (error.code === urlElicitationRequired && exchange.rank !== rank["2025-11-25"]) {
    const reply = passOnUrls(exchange, error);
    if (reply !== undefined) return reply;
    return fail(forwarding, new AppError("upstream_failed", describeUrls(error)));
  }
  if (error.code === missingCapability && method === "tools/call" && exchange.rank < rank["2026-07-28"]) {
    return encodeCallFailure(exchange, `The client lacks what the tool needs: ${error.message}`);
  }
  return translateError(error, exchange.rank, uri);
}

/** A failed call is a result that the model reads; other methods end with the error. */
function fail({ exchange, method }: Forwarding, error: unknown): Reply {
  if (method === "tools/call" && error instanceof AppError && toldToModel.has(error.code)) {
    return encodeCallFailure(exchange, error.message);
  }
  throw error;
}

/** What is JSON to the wire and cannot be read all the same is the upstream's fault, not its reader's. */
function blameUpstream(error: unknown): unknown {
  const isUnreadable = error instanceof SyntaxError || (error instanceof AppError && error.code === "parse_error");
  if (!isUnreadable) return error;
  const message = "The upstream's answer cannot be read: it is nested too deep, or holds a number that is too large.";
  return new AppError("upstream_failed", message, { cause: error });
}
