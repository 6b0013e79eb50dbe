import { Exchanger } from "../load/connection.ts";
import { requestBytes, type Work } from "../work.ts";

/** The body of `tools/list` as a 2026-07-28 client gets it. Rejects when it is refused. */
export function listTools(port: number, path: string): Promise<string> {
  return ask(port, path, "list");
}

/** The body of the benchmark's `tools/call`, likewise. */
export function callTool(port: number, path: string): Promise<string> {
  return ask(port, path, "call");
}

async function ask(port: number, path: string, work: Work): Promise<string> {
  const exchanger = await Exchanger.open(port);
  try {
    const answer = await exchanger.exchange(requestBytes({ path, dialect: "modern", work }));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    return answer.body;
  } finally {
    exchanger.close();
  }
}
