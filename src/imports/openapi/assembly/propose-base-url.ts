import { BlockList, isIP } from "node:net";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { ImportNote } from "../../report/import-report.ts";
import { printable } from "../text/printable.ts";

export interface ProposedBaseUrl {
  readonly baseUrl: string;
  readonly notes: readonly ImportNote[];
}

/**
 * A base URL from the `servers` of a description, which nobody has checked: it is a proposal with a note. Relative ones
 * are relative to the description's address. `undefined` when none can be used.
 */
export function proposeBaseUrl(root: JsonObject, address: string | undefined): ProposedBaseUrl | undefined {
  const urls = serversOf(root).map((server) => urlOf(server, address));
  const usable = urls.filter((url) => url !== undefined);
  const [baseUrl, ...others] = usable;
  if (baseUrl === undefined) return undefined;
  const also = others.length === 0 ? "" : ` The description also names ${others.slice(0, 5).join(", ")}.`;
  const message = `The base URL ${baseUrl} is what the description proposes; nobody has checked it. Compare it with what you know, or choose another (--base-url).${also}`;
  const notes: ImportNote[] = [{ code: "base-url-proposed", message, pointer: "/servers" }];
  const host = new URL(baseUrl).hostname;
  if (isInternal(host)) {
    const message = `The base URL names ${host}, an internal address: the egress guard refuses it until it is listed in upstreams.api.egress.allow. Do that only if you know it.`;
    notes.push({ code: "base-url-internal", message, pointer: "/servers" });
  }
  return { baseUrl, notes };
}

function serversOf(root: JsonObject): readonly JsonValue[] {
  const { servers } = root;
  // Without servers the description's own origin is meant (OpenAPI 3.1, 4.8.1). `Array.isArray` widens to any[].
  return Array.isArray(servers) && servers.length > 0 ? (servers as readonly JsonValue[]) : [{ url: "/" }];
}

function urlOf(server: JsonValue, address: string | undefined): string | undefined {
  if (!isJsonObject(server) || typeof server["url"] !== "string") return undefined;
  const written = withVariables(server["url"], server["variables"]);
  let url: URL;
  try {
    url = new URL(written, address);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  // A description must not put secrets of ours into an address (`${secrets.…}`), nor its own.
  if (/[{}$]|%7[bd]|%24/i.test(url.href) || url.username !== "" || url.password !== "") return undefined;
  url.hash = "";
  url.search = "";
  return printable(url.href.replace(/\/$/, ""), 2_000);
}

function withVariables(url: string, variables: JsonValue | undefined): string {
  return url.replaceAll(/\{([^{}]{1,200})\}/g, (whole, name: string) => {
    const variable = isJsonObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
    const preset = isJsonObject(variable) ? variable["default"] : undefined;
    return typeof preset === "string" || typeof preset === "number" ? String(preset) : whole;
  });
}

/** Whether a host is of this machine or of a private network, as far as its name says. */
export function isInternal(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  const family = isIP(bare);
  if (family !== 0) return internalAddresses().check(bare, family === 6 ? "ipv6" : "ipv4");
  return !bare.includes(".") || /\.(?:localhost|local|internal|lan|home|corp|intranet)$/i.test(bare);
}

function internalAddresses(): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of internalV4) list.addSubnet(address, prefix, "ipv4");
  for (const [address, prefix] of internalV6) list.addSubnet(address, prefix, "ipv6");
  return list;
}

const internalV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const;
const internalV6 = [
  ["::", 127],
  ["::ffff:0:0", 96],
  ["fc00::", 7],
  ["fe80::", 10],
] as const;
