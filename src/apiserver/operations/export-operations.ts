import * as z from "zod";
import type { ServerDocument } from "../../core/config/document.ts";
import { AppError } from "../../core/errors.ts";
import { clientIds } from "../../exports/client-ids.ts";
import { type AnyOperation, defineOperation } from "../operation.ts";
import { findServer } from "../servers/find-server.ts";
import type { ServerParts } from "../servers/server-parts.ts";
import { serverParams } from "../servers/server-schemas.ts";

const tag = "Exports";

const gatewayUrl = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i, "must be an http: or https: address without a query")
  .refine((text) => URL.canParse(text), "must be an address")
  .describe("URL under which clients reach the gateway, such as that of `mcp.example.com`.");

/** What others need to use a server: snippets for clients, and the file of registries. */
export function exportOperations(parts: ServerParts): readonly AnyOperation[] {
  return [getClientSnippets(parts), getServerJson(parts)];
}

function getClientSnippets(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "getClientSnippets",
    method: "get",
    path: "/tenants/{tenant}/servers/{name}/client-snippets",
    tag,
    summary: "Get what connects MCP clients with a server",
    description: "For its first route without a key, else its first. `KEY` stands where an API key belongs.",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    query: z.object({
      url: gatewayUrl,
      client: z.enum(clientIds).optional().describe("Only for this client."),
    }),
    responses: {
      200: {
        description: "A snippet for each client.",
        schema: z
          .strictObject({
            url: z.string().describe("Of Streamable HTTP."),
            needsKey: z.boolean(),
            snippets: z.array(
              z.strictObject({
                client: z.enum(clientIds),
                title: z.string(),
                format: z.enum(["json", "toml", "sh"]),
                files: z.array(
                  z.strictObject({
                    system: z.enum(["macos", "windows", "linux", "any", "project"]),
                    path: z.string(),
                  }),
                ),
                text: z.string(),
                link: z.string().optional().describe("Opens the client with the server filled in."),
                note: z.string().optional(),
              }),
            ),
          })
          .meta({ id: "ClientSnippets", description: "What connects MCP clients with a server." }),
      },
      404: { description: "There is no such server." },
    },
    handle: async ({ params, query }) => {
      const { name, routes } = await documentOf(parts, params);
      const route = routes.find(({ access }) => access === "public") ?? routes[0];
      const url = `${query.url.replace(/\/+$/, "")}${route?.prefix ?? ""}/mcp`;
      const needsKey = route?.access !== "public";
      // Loaded when it is asked for, as is the other one.
      const { clientSnippets } = await import("../../exports/client-snippets.ts");
      const snippets = clientSnippets({ name, url, needsKey }, query.client === undefined ? clientIds : [query.client]);
      return { status: 200, body: { url, needsKey, snippets } };
    },
  });
}

function getServerJson(parts: ServerParts): AnyOperation {
  return defineOperation({
    id: "getServerJson",
    method: "get",
    path: "/tenants/{tenant}/servers/{name}/server.json",
    tag,
    summary: "Get the server.json that publishes a server in an MCP registry",
    access: { kind: "permission", permission: "servers.read" },
    params: serverParams,
    query: z.object({
      url: gatewayUrl,
      registryName: z.string().max(200).optional().describe("`NAMESPACE/NAME`; without it made from `url`."),
      repository: z.string().max(2_000).optional().describe("URL of the source repository."),
    }),
    responses: {
      200: { description: "The file.", schema: z.record(z.string(), z.unknown()) },
      404: { description: "There is no such server." },
      422: { description: "A registry would not take it." },
    },
    handle: async ({ params, query }) => {
      const { registryServerJson } = await import("../../exports/registry-server-json.ts");
      const { url: publicUrl, registryName: name, repository } = query;
      return {
        status: 200,
        body: registryServerJson(await documentOf(parts, params), { publicUrl, name, repository }),
      };
    },
  });
}

async function documentOf(
  parts: ServerParts,
  server: { readonly tenant: string; readonly name: string },
): Promise<ServerDocument> {
  const { text = "" } = await findServer(parts, server);
  const { document } = await parts.judge.judge(text, server.name);
  if (document !== undefined) return document;
  throw new AppError("unprocessable", "The newest version is no document that can be served. Save a good one first.");
}
