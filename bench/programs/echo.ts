// Reference E: the least a JSON-RPC server on node:http can do. Reads the body, parses it, answers.
import { createServer } from "node:http";
import { serve } from "./serve.ts";

interface EchoRequest {
  readonly id: number;
}

serve(
  createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const [only] = pieces;
      const bytes = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
      // Only the benchmark's own load talks to this program; it always sends an id.
      const { id } = JSON.parse(bytes.toString()) as EchoRequest;
      const body = `{"jsonrpc":"2.0","id":${id},"result":{}}`;
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  }),
);
