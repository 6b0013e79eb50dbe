import type { Work } from "../work.ts";

interface Answer {
  readonly id?: unknown;
  readonly error?: unknown;
  readonly result?: { readonly content?: unknown; readonly tools?: unknown; readonly isError?: unknown };
}

/** The message of a POST's answer, which may have come as an event stream. */
export function messageOf({ head, body }: { readonly head: string; readonly body: string }): string {
  if (!/\r\ncontent-type: *text\/event-stream/i.test(head)) return body;
  return /^data: ?(\{.*)$/m.exec(body)?.[1] ?? body;
}

/** What is wrong with the JSON-RPC answer to `work` with `id`, or `undefined` when it is as it should be. */
export function checkAnswer(work: Work, id: number, text: string): string | undefined {
  let answer: Answer;
  try {
    // Every field is looked at before it is used.
    answer = JSON.parse(text) as Answer;
  } catch (error) {
    return `The answer is not JSON (${String(error)}): ${text.slice(0, 200)}`;
  }
  if (answer.id !== id) return `The answer to ${id} has the id ${String(answer.id)}.`;
  const { result } = answer;
  if (typeof result !== "object" || result === null) return `The answer has no result: ${text.slice(0, 300)}`;
  switch (work) {
    case "ping":
      return undefined;
    case "list":
      return Array.isArray(result.tools) && result.tools.length > 0 ? undefined : "The list has no tools.";
    case "call":
    case "large": {
      if (result.isError === true) return `The call failed: ${text.slice(0, 300)}`;
      const isRight = JSON.stringify(result.content).includes(work === "call" ? "ada@example.org" : "value of a row");
      return isRight ? undefined : `The call gave something else: ${text.slice(0, 300)}`;
    }
  }
}
