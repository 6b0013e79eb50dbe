import { createHash } from "node:crypto";
import type { SecretSource } from "../core/config-source.ts";
import { HttpUpstream } from "../upstreams/http/http-upstream.ts";
import type { HttpUpstreamPlan } from "../upstreams/http/upstream-plan.ts";
import { fingerprintSecrets } from "./compile/fingerprint-secrets.ts";

/**
 * An upstream of a document. Opened by its first call; the same configuration of the same upstream
 * keeps its connections over reloads.
 */
export class UpstreamHandle {
  readonly server: string;
  readonly name: string;
  readonly key: string;
  readonly secrets: SecretSource;
  readonly #open: () => HttpUpstream;
  #upstream: HttpUpstream | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: { server: string; name: string; key: string; secrets: SecretSource; open: () => HttpUpstream }) {
    this.server = options.server;
    this.name = options.name;
    this.key = options.key;
    this.secrets = options.secrets;
    this.#open = options.open;
  }

  /** The running upstream; the same one for every call. */
  open(): HttpUpstream {
    this.#upstream ??= this.#open();
    return this.#upstream;
  }

  /** The running upstream, if any call has opened it. */
  get running(): HttpUpstream | undefined {
    return this.#upstream;
  }

  /** Ends connections when running calls are done. May be called twice. */
  close(): Promise<void> {
    const closing = this.#closing ?? this.#upstream?.close() ?? Promise.resolve();
    this.#closing = closing;
    return closing;
  }
}

/** All upstreams that some snapshot still needs. */
export class UpstreamPool {
  readonly #secrets: SecretSource;
  readonly #handles = new Map<string, UpstreamHandle>();

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  /** The handle of this upstream with exactly this configuration and these values of its secrets. */
  handle(server: string, plan: HttpUpstreamPlan): UpstreamHandle {
    const { name, config } = plan;
    const text = JSON.stringify(config);
    const digest = createHash("sha256")
      .update(text)
      .update(fingerprintSecrets(text, this.#secrets))
      .digest("base64url");
    const key = `${server}\n${name}\n${digest}`;
    let handle = this.#handles.get(key);
    if (handle === undefined) {
      const secrets = this.#secrets;
      handle = new UpstreamHandle({
        server,
        name,
        key,
        secrets,
        open: () => new HttpUpstream(plan, { secrets }),
      });
      this.#handles.set(key, handle);
    }
    return handle;
  }

  /** Closes every upstream that is not among `needed`. */
  retain(needed: ReadonlySet<UpstreamHandle>): Promise<void>[] {
    const closing: Promise<void>[] = [];
    for (const [key, handle] of this.#handles) {
      if (needed.has(handle)) continue;
      this.#handles.delete(key);
      closing.push(handle.close());
    }
    return closing;
  }

  /** The upstreams that have been opened. */
  *running(): Iterable<UpstreamHandle> {
    for (const handle of this.#handles.values()) if (handle.running !== undefined) yield handle;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.retain(new Set()));
  }
}
