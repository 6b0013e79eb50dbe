import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ImportNote } from "../report/import-report.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import type { CurlRequest } from "./curl-command.ts";

/** Keys of an upstream that options about the connection become: redirects, proxy, TLS, time to connect. */
export function networkKeys(
  request: CurlRequest,
  owner: string,
  secrets: NeededSecrets,
  note: (note: ImportNote) => void,
): JsonObject {
  const { options, line } = request;
  const last = (meaning: Parameters<typeof options.get>[0]): string | undefined => options.get(meaning)?.at(-1);
  const keys: Record<string, JsonValue> = {};
  if (options.has("follow")) keys["redirects"] = Math.min(Math.max(Number(last("maxRedirects") ?? 5) || 5, 1), 10);
  const connectTimeoutMs = milliseconds(last("connectTimeout"));
  if (connectTimeoutMs !== undefined) keys["connectTimeoutMs"] = connectTimeoutMs;
  const proxy = proxyUrl(last("proxy"), last("socks"));
  if (proxy !== undefined) {
    const hasUser = options.has("proxyUser") || /\/\/[^/]*@/.test(proxy);
    keys["proxy"] = hasUser
      ? `\${${secrets.reference(`${owner}_PROXY`, "the URL of the proxy with user and password")}}`
      : proxy;
    if (hasUser) {
      note({
        code: "proxy-is-secret",
        message:
          "The proxy's URL has a password, so it is a secret. If its address is private, list it in egress.allow.",
        pointer: `line ${line}`,
      });
    }
  }
  const tls = tlsKeys(last("caCert"), last("cert"), last("key"));
  if (tls !== undefined) keys["tls"] = tls;
  if (options.has("insecure")) {
    note({
      code: "certificate-is-checked",
      message:
        "-k switches off the check of the certificate; the gateway always checks it. Name the authority of a certificate of your own in tls.ca of the upstream.",
      pointer: `line ${line}`,
    });
  }
  return keys;
}

/** Seconds with a fraction, as curl takes them. */
export function milliseconds(seconds: string | undefined): number | undefined {
  const value = Math.round(Number(seconds) * 1000);
  return Number.isFinite(value) && value >= 1 ? Math.min(value, 86_400_000) : undefined;
}

function proxyUrl(proxy: string | undefined, socks: string | undefined): string | undefined {
  if (proxy === undefined || proxy === "") return socks === undefined ? undefined : `socks5://${socks}`;
  return /^[a-z][a-z0-9]*:\/\//i.test(proxy) ? proxy.replace(/^socks5h:/i, "socks5:") : `http://${proxy}`;
}

function tlsKeys(ca: string | undefined, cert: string | undefined, key: string | undefined): JsonObject | undefined {
  const entries = Object.entries({ ca, cert, key }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
