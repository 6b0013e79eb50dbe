// An MCP server over standard input and output, without dependencies: notes that live as long as the program.
// The arguments are the notes that it begins with: node notes-server.mjs "opening hours=nine to five"
import { createInterface } from "node:readline";

const notes = new Map(process.argv.slice(2).map((note) => note.split("=")));
const title = { type: "string", minLength: 1 };
const object = (properties) => ({ type: "object", properties, required: Object.keys(properties) });

const tools = {
  list_notes: {
    description: "Lists the titles of all notes.",
    inputSchema: { type: "object" },
    annotations: { readOnlyHint: true },
    run: () => [...notes.keys()].join(", ") || "There are no notes.",
  },
  read_note: {
    description: "Reads a note.",
    inputSchema: object({ title }),
    annotations: { readOnlyHint: true },
    run: (args) => notes.get(args.title) ?? `There is no note "${args.title}".`,
  },
  write_note: {
    description: "Writes a note, over an older one of the same title.",
    inputSchema: object({ title, text: { type: "string" } }),
    run: (args) => {
      notes.set(args.title, args.text);
      return `Written: ${args.title}.`;
    },
  },
  delete_note: {
    description: "Deletes a note.",
    inputSchema: object({ title }),
    annotations: { destructiveHint: true },
    run: (args) => (notes.delete(args.title) ? `Deleted: ${args.title}.` : `There is no note "${args.title}".`),
  },
};

const methods = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1.0.0" },
  }),
  ping: () => ({}),
  "tools/list": () => ({
    tools: Object.entries(tools).map(([name, { description, inputSchema, annotations }]) => ({
      name,
      description,
      inputSchema,
      annotations,
    })),
  }),
  "tools/call": ({ name, arguments: args }) => ({ content: [{ type: "text", text: tools[name].run(args) }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = Object.hasOwn(methods, method)
    ? { result: methods[method](params) }
    : { error: { code: -32601, message: "Method not found" } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);
});
