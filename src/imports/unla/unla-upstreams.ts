import type { JsonObject } from "../../core/json.ts";
import { takeName, toIdentifier } from "../document/identifier.ts";
import { egressFor } from "../document/private-address.ts";
import type { UnlaTool } from "./unla-schema.ts";

/** The upstreams of a document: one for each base URL and proxy. */
export class UnlaUpstreams {
  readonly #byKey = new Map<string, { readonly name: string; readonly keys: JsonObject }>();
  readonly #taken = new Set<string>();

  /** Answers the name of the upstream, which is made when there is none. */
  nameFor(baseUrl: string, proxy: UnlaTool["proxy"]): string {
    const proxyUrl = !proxy ? undefined : `${proxy.type ?? "http"}://${proxy.host}:${proxy.port}`;
    const key = JSON.stringify([baseUrl, proxyUrl]);
    const before = this.#byKey.get(key);
    if (before !== undefined) return before.name;
    const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname.replaceAll(".", "-") : "api";
    const name = takeName(toIdentifier(host, "api"), this.#taken, "-");
    const egress = egressFor(baseUrl, proxyUrl);
    const keys = {
      kind: "http",
      baseUrl,
      ...(proxyUrl === undefined ? {} : { proxy: proxyUrl }),
      ...(egress === undefined ? {} : { egress }),
    };
    this.#byKey.set(key, { name, keys });
    return name;
  }

  toObject(): JsonObject {
    return Object.fromEntries([...this.#byKey.values()].map(({ name, keys }) => [name, keys]));
  }
}
