import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { describeModernServer } from "./describe-server.ts";
import type { Exchange } from "./exchange.ts";
import type { Reply } from "./reply.ts";
import { complete } from "./methods/complete.ts";
import { getPrompt } from "./methods/get-prompt.ts";
import { listPage } from "./methods/list-page.ts";
import { readResource } from "./methods/read-resource.ts";
import { callTool } from "./methods/call-tool.ts";

type Method = (exchange: Exchange, params: JsonObject) => Reply | Promise<Reply>;

/** Every request that is answered below the framing, in both eras. */
const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["tools/call", callTool],
  ["tools/list", listPage("tools")],
  ["prompts/list", listPage("prompts")],
  ["prompts/get", getPrompt],
  ["resources/list", listPage("resources")],
  ["resources/templates/list", listPage("resourceTemplates")],
  ["resources/read", readResource],
  ["completion/complete", complete],
  ["server/discover", ({ server, principal }) => describeModernServer(server, principal)],
]);

/** Runs the method of an exchange and settles it, now or when its call comes back. */
export function answer(exchange: Exchange): void {
  const method = methods.get(exchange.message.method);
  if (method === undefined) throw new AppError("method_not_found", "This method is not known here.");
  try {
    settle(exchange, method(exchange, exchange.message.params));
  } catch (error) {
    exchange.fail(error);
  }
}

/** Settles an exchange with its reply, now or when that is there. */
export function settle(exchange: Exchange, reply: Reply | Promise<Reply>): void {
  if (reply instanceof Promise) {
    reply.then(
      (settled) => exchange.succeed(settled),
      (error: unknown) => exchange.fail(error),
    );
  } else exchange.succeed(reply);
}
