import { Pool } from "undici";
import { z } from "zod";

/** The tool of the benchmark as the SDK peers register it: the same schema, the same backend call. */
export const userTool = {
  name: "get_user",
  description: "Find one user.",
  inputShape: {
    id: z.string().min(1),
    email: z.string(),
    q: z.string().optional(),
    limit: z.int().min(1).max(100).default(10),
  },
};

export interface TextResult {
  content: { type: "text"; text: string }[];
  [key: string]: unknown;
}

/** A function that does the tool's work: one POST to the backend, its body as text. */
export function userLookup(backendPort: string): (args: unknown) => Promise<TextResult> {
  const pool = new Pool(`http://127.0.0.1:${backendPort}`, { connections: 64, pipelining: 1 });
  return async (args) => {
    const answer = await pool.request({
      method: "POST",
      path: "/users",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(args),
    });
    return { content: [{ type: "text", text: await answer.body.text() }] };
  };
}
