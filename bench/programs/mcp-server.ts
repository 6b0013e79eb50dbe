// An MCP server on Streamable HTTP that gateways are put before: both eras, a session for the legacy one.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { answerer } from "./mcp-answers.ts";
import { serve } from "./serve.ts";

const answer = answerer(Number(process.argv[2] ?? "1"));
const session = randomUUID();

serve(
  createServer((request, response) => {
    if (request.method !== "POST") {
      request.resume();
      response.writeHead(request.method === "DELETE" ? 200 : 405).end();
      return;
    }
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const [only] = pieces;
      const bytes = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
      const text = bytes.toString();
      const body = answer(text);
      if (body === undefined) {
        response.writeHead(202).end();
        return;
      }
      const isHandshake = text.includes('"initialize"');
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        ...(isHandshake ? { "mcp-session-id": session } : {}),
      });
      response.end(body);
    });
  }),
);
