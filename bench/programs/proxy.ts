// Reference R: the least a proxy from MCP to REST on node:http and undici can do. Parses the JSON-RPC
// body, builds the backend's request from the arguments, splices the backend's answer into a result.
import { createServer, type ServerResponse } from "node:http";
import { type Dispatcher, Pool } from "undici";
import { serve } from "./serve.ts";

interface ToolCall {
  readonly id: number;
  readonly params: { readonly arguments: Readonly<Record<string, unknown>> };
}

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: 64, pipelining: 1 });
const headers = { "content-type": "application/json" };

class Splice implements Dispatcher.DispatchHandler {
  readonly #id: number;
  readonly #response: ServerResponse;
  readonly #pieces: Buffer[] = [];

  constructor(id: number, response: ServerResponse) {
    this.#id = id;
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    const [only] = this.#pieces;
    const bytes = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
    const text = JSON.stringify(bytes.toString());
    const body = `{"jsonrpc":"2.0","id":${this.#id},"result":{"content":[{"type":"text","text":${text}}]}}`;
    this.#response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    this.#response.end(body);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#response.writeHead(502).end(error.message);
  }
}

serve(
  createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const [only] = pieces;
      const bytes = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
      // Only the benchmark's own load talks to this program; it sends nothing but tools/call.
      const call = JSON.parse(bytes.toString()) as ToolCall;
      const { id, email, q, limit } = call.params.arguments;
      const body = JSON.stringify({ id, email, q, limit });
      pool.dispatch({ method: "POST", path: "/users", headers, body }, new Splice(call.id, response));
    });
  }),
);
