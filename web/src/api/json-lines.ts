/**
 * The values of a stream of JSON lines (`application/x-ndjson`), as they come.
 *
 * @param response as `ApiClient.open` answers it; leaving the loop ends the request
 * @throws SyntaxError for a line that is no JSON, TypeError when the connection breaks off
 */
export async function* readJsonLines<Value>(response: Response): AsyncGenerator<Value> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as Value; // as the description has it
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it is over already
  }
}
