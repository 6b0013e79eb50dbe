// What the benchmark's MCP servers answer, over whatever transport: the least a server can do in both eras.
import { userJson } from "./user.ts";

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string; readonly _meta?: object };
}

const capabilities = { tools: {} };
const info = { name: "bench-upstream", version: "1.0.0" };

const content = JSON.stringify([{ type: "text", text: userJson }]);

/** Answers one message as JSON text; `undefined` for what needs no answer. */
export type Answer = (text: string) => string | undefined;

/** A server with so many tools, the first of which is `get_user`. */
export function answerer(tools: number): Answer {
  const list = JSON.stringify(Array.from({ length: tools }, (_, index) => userTool(index)));
  return (text) => {
    // Only the gateway and peers under measurement talk to this program.
    const { id, method, params } = JSON.parse(text) as Message;
    if (id === undefined || method === undefined) return undefined;
    const isModern = params?._meta !== undefined && "io.modelcontextprotocol/protocolVersion" in params._meta;
    const complete = isModern ? ',"resultType":"complete"' : "";
    const cacheable = isModern ? `${complete},"ttlMs":0,"cacheScope":"private"` : "";
    const result = (members: string): string => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
    switch (method) {
      case "tools/call":
        return result(`"content":${content}${complete}`);
      case "tools/list":
        return result(`"tools":${list}${cacheable}`);
      case "initialize": {
        const protocolVersion = params?.protocolVersion ?? "2025-11-25";
        return result(JSON.stringify({ protocolVersion, capabilities, serverInfo: info }).slice(1, -1));
      }
      case "server/discover":
        if (!isModern) break;
        return result(`"supportedVersions":["2026-07-28"],"capabilities":${JSON.stringify(capabilities)}${cacheable}`);
      case "ping":
        return result("");
      default:
    }
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":-32601,"message":"Method not found"}}`;
  };
}

function userTool(index: number): object {
  return {
    name: index === 0 ? "get_user" : `get_user_${index}`,
    description: "Find one user by id.",
    inputSchema: {
      type: "object",
      required: ["id", "email"],
      additionalProperties: false,
      properties: {
        id: { type: "string", minLength: 1, maxLength: 64, description: "Identifier of the user." },
        email: { type: "string", maxLength: 254, description: "Address that the user signs in with." },
        q: { type: "string", description: "What to look for." },
        limit: { type: "integer", minimum: 1, maximum: 100, default: 10 },
      },
    },
    annotations: { readOnlyHint: true },
  };
}
