// An MCP server of 2026-07-28 over Streamable HTTP, without dependencies and without state: what it has to ask is the
// result of a request, and the answer comes along with the next one. Started on PORT, or on 3107.
import { createServer } from "node:http";

const complete = { resultType: "complete" };
const cacheable = { ...complete, ttlMs: 0, cacheScope: "private" };

function rentCar({ arguments: { day }, inputResponses }) {
  const answer = inputResponses?.size;
  if (answer === undefined) {
    const requestedSchema = {
      type: "object",
      properties: { size: { type: "string", enum: ["small", "large"] } },
      required: ["size"],
    };
    return {
      resultType: "input_required",
      inputRequests: {
        size: { method: "elicitation/create", params: { message: `Which car on ${day}?`, requestedSchema } },
      },
      requestState: `car on ${day}`,
    };
  }
  const size = answer.action === "accept" ? answer.content.size : undefined;
  const text = size === undefined ? "No car was rented." : `A ${size} car is rented on ${day}.`;
  return { ...complete, content: [{ type: "text", text }], isError: size === undefined };
}

const methods = {
  "server/discover": () => ({ ...cacheable, supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }),
  "tools/list": () => ({
    ...cacheable,
    tools: [
      {
        name: "rent_car",
        description: "Rents a car. Asks for its size.",
        inputSchema: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
      },
    ],
  }),
  "tools/call": rentCar,
};

async function reply(request, response) {
  const chunks = await request.toArray();
  if (request.method !== "POST") return response.writeHead(405).end();
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
  const isKnown = Object.hasOwn(methods, method);
  const answer = isKnown
    ? { result: methods[method](params) }
    : { error: { code: -32601, message: "Method not found" } };
  response.writeHead(isKnown ? 200 : 404, { "Content-Type": "application/json" });
  return response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
}

const server = createServer((request, response) => void reply(request, response));

server.listen(Number(process.env.PORT ?? 3107), "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
