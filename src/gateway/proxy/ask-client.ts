import type { JsonObject } from "../../core/json.ts";
import type { Exchange } from "../exchange.ts";
import type { InputRequests } from "./input-requests.ts";

/** What a client answered to an upstream's questions, by their keys; or why it did not. */
export type ClientAnswers =
  | { readonly kind: "answered"; readonly answers: JsonObject; readonly state: string | undefined }
  | { readonly kind: "refused"; readonly message: string };

/**
 * Puts all questions of an `input_required` result to the client at once, as requests of its revision. None
 * is put when one of them cannot be: its user would have answered the others in vain.
 */
export async function askClient(exchange: Exchange, { requests, state }: InputRequests): Promise<ClientAnswers> {
  for (const [, request] of requests) {
    const reason = exchange.inquirer.reasonAgainst(exchange, request);
    if (reason !== undefined) return refused(reason);
  }
  const responses = await Promise.all(
    requests.map(async ([key, request]) => [key, await exchange.requestInput(request)] as const),
  );
  const answers: [string, JsonObject][] = [];
  for (const [key, response] of responses) {
    if (response.kind === "error") return refused(response.message);
    answers.push([key, response.result]);
  }
  return { kind: "answered", answers: Object.fromEntries(answers), state };
}

function refused(reason: string): ClientAnswers {
  return { kind: "refused", message: `The call needs an answer of the client. ${reason}` };
}
