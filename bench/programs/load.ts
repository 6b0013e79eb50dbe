// The load generator: does what its parent asks over the channel and ends with it.
import type { AnswerMessage, CallMessage } from "../harness/calls.ts";
import { LoadMethods } from "../load/load-methods.ts";

// The parent is the benchmark of the same build and calls through LoadProcess, whose methods are
// typed like these: names and parameters fit.
const methods = new LoadMethods() as unknown as Readonly<Record<string, (parameters: unknown) => unknown>>;

async function answer({ call, method, parameters }: CallMessage): Promise<AnswerMessage> {
  try {
    return { call, result: await methods[method]?.(parameters) };
  } catch (error) {
    return { call, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (message) => {
  // Only CallMessages come over this channel (see above).
  void answer(message as CallMessage).then((reply) => process.send?.(reply));
});
process.once("disconnect", () => process.exit(0));
