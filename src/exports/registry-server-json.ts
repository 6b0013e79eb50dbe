import type { ServerDocument } from "../core/config/document.ts";
import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";

/** The version of the registry's format that is written. */
const schema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

export interface ServerJsonOptions {
  /** Under which the gateway is reached: `https://mcp.example.com`. */
  readonly publicUrl: string;
  /** Name in the registry, `NAMESPACE/NAME`; made from the host of `publicUrl` and the document's name when absent. */
  readonly name?: string | undefined;
  /** URL of the source repository; left out when absent. */
  readonly repository?: string | undefined;
}

/**
 * The `server.json` with which a server is published in an MCP registry: each route as a remote of both transports,
 * with the header that it asks for.
 *
 * @throws AppError `unprocessable` for what a registry does not take
 */
export function registryServerJson(document: ServerDocument, options: ServerJsonOptions): JsonObject {
  const { title, version, websiteUrl } = document;
  if (version === "latest" || /[~^<>*]|\bx\b| - |\|\|/.test(version) || version.length > 255) {
    throw unfit(`The version ${version} is no single version; registries want one such as 1.0.2.`);
  }
  return {
    $schema: schema,
    name: nameOf(document, options),
    ...(title === undefined ? {} : { title: shortened(title) }),
    description: shortened(document.description ?? title ?? `The MCP server ${document.name}.`),
    ...repositoryOf(options.repository),
    version,
    ...(websiteUrl === undefined ? {} : { websiteUrl }),
    ...iconsOf(document),
    remotes: document.routes.flatMap((route) => remotesOf(route, options.publicUrl)),
  };
}

/** Namespaces are host names from behind: `com.example.mcp/crm`. */
function nameOf({ name: documentName }: ServerDocument, { name, publicUrl }: ServerJsonOptions): string {
  const host = new URL(publicUrl).hostname;
  const isName = host.includes(".") && !/^[\d.]+$|[[\]:]/.test(host);
  if (name === undefined && !isName) {
    throw unfit(
      `The namespace of a server is a host name from behind, and ${host} is none; give the whole name, as in com.example/${documentName}.`,
    );
  }
  const whole = name ?? `${host.split(".").toReversed().join(".")}/${documentName}`;
  if (!/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/.test(whole) || whole.length < 3 || whole.length > 200) {
    throw unfit(
      `${whole} is no name of a registry: it has a namespace, one \`/\`, and a name, in at most 200 characters.`,
    );
  }
  return whole;
}

function repositoryOf(url: string | undefined): JsonObject {
  if (url === undefined) return {};
  if (!URL.canParse(url)) throw unfit(`${url} is no URL of a repository.`);
  const [source] = new URL(url).hostname.replace(/^www\./, "").split(".");
  return { repository: { url, source: source ?? "" } };
}

const iconTypes = new Set(["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"]);

/** Registries take images at https: URLs. */
function iconsOf({ icons }: ServerDocument): JsonObject {
  const taken = (icons ?? []).filter(({ src, mimeType }) => {
    return src.startsWith("https://") && src.length <= 255 && (mimeType === undefined || iconTypes.has(mimeType));
  });
  if (taken.length === 0) return {};
  return {
    icons: taken.map(({ src, mimeType, sizes, theme }) => ({
      src,
      ...(mimeType === undefined ? {} : { mimeType }),
      ...(sizes === undefined ? {} : { sizes }),
      ...(theme === undefined ? {} : { theme }),
    })),
  };
}

function remotesOf({ prefix, access }: ServerDocument["routes"][number], publicUrl: string): JsonObject[] {
  const base = publicUrl.replace(/\/+$/, "") + prefix;
  const headers = access === "public" ? {} : { headers: [keyHeader] };
  return [
    { type: "streamable-http", url: `${base}/mcp`, ...headers },
    { type: "sse", url: `${base}/sse`, ...headers },
  ];
}

/** The client asks for the key alone and puts it into the header. */
const keyHeader: JsonObject = {
  name: "Authorization",
  description: "API key of the gateway",
  isRequired: true,
  isSecret: true,
  value: "Bearer {api_key}",
  variables: { api_key: { description: "API key of the gateway", isRequired: true, isSecret: true } },
};

/** Titles and descriptions have at most 100 characters. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= 100) return line;
  // No half of a surrogate pair at the end.
  return `${line
    .slice(0, 99)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
}

function unfit(message: string): AppError {
  return new AppError("unprocessable", message);
}
