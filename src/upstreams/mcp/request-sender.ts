import { AppError } from "../../core/errors.ts";
import type { McpCallContext } from "../../core/mcp-call.ts";
import type { Caller } from "./binding.ts";
import type { McpConnection } from "./connection.ts";
import { awaitConnection } from "./lifecycle/await-connection.ts";
import type { Clock } from "./lifecycle/clock.ts";
import type { ConnectionSlot } from "./lifecycle/connection-slot.ts";
import type { SlotTable } from "./lifecycle/slot-table.ts";
import type { McpReply, McpRequest } from "./mcp-request.ts";

export interface RequestSenderOptions {
  readonly table: SlotTable;
  readonly clock: Clock;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The slot that serves this caller, a new one if need be. */
  readonly claim: (caller: Caller) => ConnectionSlot;
  /** Why no requests are taken; undefined while they are. */
  readonly refusal: () => AppError | undefined;
  /** A call got no answer in time on this connection. */
  readonly doubt: (slot: ConnectionSlot, connection: McpConnection) => void;
}

/** A request that was sent, for the case that it fails. */
interface Sent {
  readonly slot: ConnectionSlot;
  readonly connection: McpConnection;
  readonly request: McpRequest;
  readonly context: McpCallContext;
  readonly isRepeated: boolean;
}

/** A server may turn out to be shared by others than was thought, once when it is found and once again. */
const mostLookUps = 3;

/** Sends requests on the connections of their callers, and once more where that does no harm. */
export class RequestSender {
  readonly #options: RequestSenderOptions;

  constructor(options: RequestSenderOptions) {
    this.#options = options;
  }

  /** As `McpUpstream.request`. */
  send(request: McpRequest, context: McpCallContext): Promise<McpReply> {
    const slot = this.#options.table.find(context);
    const connection = slot?.connection;
    return slot === undefined || connection === undefined || this.#options.refusal() !== undefined
      ? this.#sendLater(request, context, false)
      : this.#sendOn({ slot, connection, request, context, isRepeated: false });
  }

  #sendOn(sent: Sent): Promise<McpReply> {
    this.#options.table.touch(sent.slot);
    return sent.connection.request(sent.request, sent.context).then(undefined, (error) => this.#recover(error, sent));
  }

  /** Opens the caller's connection and sends the request on it. */
  async #sendLater(request: McpRequest, context: McpCallContext, isRepeated: boolean): Promise<McpReply> {
    const { table, clock, label, claim, refusal } = this.#options;
    for (let lookUps = 0; lookUps < mostLookUps; lookUps++) {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      const slot = claim(context);
      slot.waiting++;
      let reply: Promise<McpReply> | undefined;
      try {
        const connection = await awaitConnection(slot, context, clock, label);
        // What was found at the other end may have changed who shares it.
        if (this.#serves(slot, context)) reply = this.#sendOn({ slot, connection, request, context, isRepeated });
      } finally {
        slot.waiting--;
        if (reply === undefined) table.dropStranger(slot);
      }
      if (reply === undefined) continue;
      return slot.binding.kind === "call" ? reply.finally(() => table.dropStranger(slot)) : reply;
    }
    throw new AppError("upstream_failed", `${label} was connected, but not for this caller.`);
  }

  #serves(slot: ConnectionSlot, caller: Caller): boolean {
    const found = this.#options.table.find(caller);
    return found === slot || (found === undefined && slot.binding.kind === "call");
  }

  /** A request failed: it is repeated once if that does no harm and the connection under it is gone. */
  async #recover(error: unknown, sent: Sent): Promise<McpReply> {
    const { slot, connection, request, context } = sent;
    if (!(error instanceof AppError)) throw error;
    if (error.code === "timed_out" || error.code === "upstream_failed") this.#options.doubt(slot, connection);
    const isLost = error.code === "session_not_found";
    // The server answers 404 for every call of a session that it does not know: the first one ends it.
    if (isLost) slot.lost(connection, error);
    const isBroken = isLost || (error.code === "upstream_failed" && slot.connection !== connection);
    if (isBroken && request.isIdempotent && !sent.isRepeated) return this.#sendLater(request, context, true);
    if (!isLost) throw error;
    throw new AppError(
      "upstream_failed",
      `${this.#options.label} no longer knows the session of this connection, so \`${request.method}\` was not carried out. Call again: it is connected anew.`,
      { cause: error },
    );
  }
}
