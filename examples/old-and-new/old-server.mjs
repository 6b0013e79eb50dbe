// An MCP server of 2025-06-18 over standard input and output, without dependencies. In the middle of a call it asks
// the user, with a request of its own, and waits for the answer.
import { createInterface } from "node:readline";

const asked = new Map();
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

function ask(method, params) {
  const id = `question-${asked.size + 1}`;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    send({ id, method, params });
  });
}

async function bookRoom({ day }) {
  const answer = await ask("elicitation/create", {
    message: `How many people come on ${day}?`,
    requestedSchema: { type: "object", properties: { people: { type: "integer", minimum: 1 } }, required: ["people"] },
  });
  const { people } = answer.result?.content ?? {};
  const text = people === undefined ? "No room was booked." : `A room for ${people} is booked on ${day}.`;
  return { content: [{ type: "text", text }], isError: people === undefined };
}

const methods = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "rooms", version: "1.0.0" },
  }),
  ping: () => ({}),
  "tools/list": () => ({
    tools: [
      {
        name: "book_room",
        description: "Books a room. Asks for the number of people.",
        inputSchema: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
      },
    ],
  }),
  "tools/call": ({ arguments: args }) => bookRoom(args),
};

async function answer({ id, method, params }) {
  if (!Object.hasOwn(methods, method)) send({ id, error: { code: -32601, message: "Method not found" } });
  else send({ id, result: await methods[method](params) });
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) asked.get(message.id)?.(message);
  else if (message.id !== undefined) void answer(message);
});
