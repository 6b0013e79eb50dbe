import type { SecretSource, TenantSecrets } from "../core/config-source.ts";

/** Several places of secrets as one: the first that has a value gives it. */
export class LayeredSecrets implements TenantSecrets {
  readonly #layers: readonly TenantSecrets[];
  readonly #sources = new Map<string, SecretSource>();

  /** @param layers in their order of precedence */
  constructor(layers: readonly TenantSecrets[]) {
    this.#layers = layers;
  }

  forTenant(tenant: string): SecretSource {
    const known = this.#sources.get(tenant);
    if (known !== undefined) return known;
    const layers = this.#layers.map((layer) => layer.forTenant(tenant));
    const source: SecretSource = { get: (name) => firstOf(layers, name) };
    this.#sources.set(tenant, source);
    return source;
  }

  /** Each layer is refreshed, also when another one cannot be; the first failure is thrown. */
  async refresh(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#layers.map((layer) => layer.refresh()));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

function firstOf(layers: readonly SecretSource[], name: string): string | undefined {
  for (const layer of layers) {
    const value = layer.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
