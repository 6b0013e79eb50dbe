import * as z from "zod";
import { json } from "../../core/config/template-schema.ts";

/** A text that other types are written for as well: `Cookie: 123`. */
const text = z.union([z.string(), z.number(), z.boolean(), z.bigint()]).transform(String);
const texts = z.record(z.string(), text).nullish();
const object = z.record(z.string(), json).nullish();

const argument = z.object({
  name: z.string(),
  position: z.string().nullish(),
  required: z.boolean().nullish(),
  type: z.string().nullish(),
  description: z.string().nullish(),
  default: json.nullish(),
  items: object,
});

const tool = z.object({
  name: z.string(),
  description: z.string().nullish(),
  method: z.string().nullish(),
  endpoint: z.string(),
  proxy: z.object({ host: z.string(), port: z.number(), type: z.string().nullish() }).nullish(),
  headers: texts,
  args: z.array(argument).nullish(),
  requestBody: z.string().nullish(),
  responseBody: z.string().nullish(),
  inputSchema: object,
  annotations: object,
  meta: object,
});

const mcpServer = z.object({
  type: z.string().nullish(),
  name: z.string(),
  command: z.string().nullish(),
  args: z.array(text).nullish(),
  env: texts,
  url: z.string().nullish(),
  policy: z.string().nullish(),
});

const prompt = z.object({
  name: z.string(),
  description: z.string().nullish(),
  arguments: z
    .array(z.object({ name: z.string(), description: z.string().nullish(), required: z.boolean().nullish() }))
    .nullish(),
  promptResponse: z
    .array(
      z.object({ role: z.string().nullish(), content: z.object({ type: z.string().nullish(), text: z.string() }) }),
    )
    .nullish(),
});

const router = z.object({
  server: z.string(),
  prefix: z.string(),
  cors: z.object({ allowOrigins: z.array(z.string()).nullish() }).nullish(),
  auth: z.object({ mode: z.string().nullish() }).nullish(),
});

const server = z.object({
  name: z.string(),
  description: z.string().nullish(),
  allowedTools: z.array(z.string()).nullish(),
  config: texts,
});

/** A configuration of the Unla gateway, as far as documents have a counterpart of it. */
export const unlaConfig = z.object({
  name: z.string().nullish(),
  tenant: z.string().nullish(),
  deletedAt: z.unknown().optional(),
  routers: z.array(router).nullish(),
  servers: z.array(server).nullish(),
  tools: z.array(tool).nullish(),
  prompts: z.array(prompt).nullish(),
  mcpServers: z.array(mcpServer).nullish(),
});

export type UnlaConfig = z.output<typeof unlaConfig>;
export type UnlaTool = z.output<typeof tool>;
export type UnlaArgument = z.output<typeof argument>;
export type UnlaServer = z.output<typeof server>;
export type UnlaMcpServer = z.output<typeof mcpServer>;
export type UnlaPrompt = z.output<typeof prompt>;
export type UnlaRouter = z.output<typeof router>;
