import { Client, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { answerV2, capabilitiesV2, type PeerUser } from "../fixtures/peer.ts";
import type { ClientTask } from "./client-task.ts";

/** Agrees to everything: with the defaults of a form where it has some. */
const agreeable: PeerUser = {
  elicit: ({ requestedSchema }) => ({ action: "accept", content: fillIn(requestedSchema) }),
  sample: () => ({ role: "assistant", content: { type: "text", text: "Yes." }, model: "none" }),
  roots: () => ({ roots: [] }),
};

/**
 * Uses all that the gateway at `endpoint` offers, in the era of the scenario, the way an application
 * would: lists, reads, gets, and calls every tool. Rejects when something fails.
 */
export async function driveClient(endpoint: URL, task: ClientTask): Promise<void> {
  const mode = task.revision >= "2026" ? { pin: task.revision } : ("legacy" as const);
  const client = new Client(
    { name: "conformance", version: "1.0.0" },
    { ...capabilitiesV2(agreeable), versionNegotiation: { mode } },
  );
  answerV2(client, agreeable);
  const transport = new StreamableHTTPClientTransport(endpoint);
  try {
    await client.connect(transport);
    await useTools(client, task);
    await useResources(client);
    await usePrompts(client);
    if (mode === "legacy") await transport.terminateSession();
  } finally {
    await client.close();
  }
}

/** Their servers answer nothing but lists. */
const onlyLists = new Set(["json-schema-ref-no-deref"]);

async function useTools(client: Client, { context, scenario }: ClientTask): Promise<void> {
  const { tools } = await client.listTools();
  if (onlyLists.has(scenario)) return;
  const calls = context.toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool, tools) }));
  for (const call of calls) await client.callTool(call);
}

/** Arguments that fit: what is required, and the schema of the other tool where one wants a schema. */
function argumentsFor({ inputSchema }: Tool, tools: readonly Tool[]): JsonObject {
  const content: Record<string, JsonValue> = {};
  for (const name of inputSchema.required ?? []) {
    // Schemas came as JSON.
    const schema = inputSchema.properties?.[name] as JsonObject | undefined;
    content[name] = name === "schema" ? (tools[0]?.inputSchema as JsonObject) : valueFor(schema);
  }
  return content;
}

async function useResources(client: Client): Promise<void> {
  if (client.getServerCapabilities()?.resources === undefined) return;
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
}

async function usePrompts(client: Client): Promise<void> {
  if (client.getServerCapabilities()?.prompts === undefined) return;
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name });
}

function fillIn(schema: JsonValue | undefined): JsonObject {
  // Forms are flat objects (MCP, elicitation).
  const { properties = {} } = schema as { properties?: Readonly<Record<string, JsonObject>> };
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, valueFor(property)]));
}

function valueFor(schema: JsonObject | undefined): JsonValue {
  if (schema?.["default"] !== undefined) return schema["default"];
  switch (schema?.["type"]) {
    case "number":
    case "integer":
      return 5;
    case "boolean":
      return true;
    case "object":
      return {};
    case "array":
      return [];
    default:
      return "value";
  }
}
