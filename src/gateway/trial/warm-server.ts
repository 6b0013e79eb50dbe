import type { ServerDocument } from "../../core/config/document.ts";
import type { SecretSource } from "../../core/config-source.ts";
import type { CallContext } from "../../core/call.ts";
import { AppError } from "../../core/errors.ts";
import { type Log, silentLog } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { OpenTokenSource } from "../../upstreams/mcp/oauth/open-token-source.ts";
import type { UpstreamTap } from "../../upstreams/upstream-tap.ts";
import { compileServer } from "../compile/compile-server.ts";
import type { CompiledServer } from "../compile/compiled-server.ts";
import { fingerprintSecrets } from "../compile/fingerprint-secrets.ts";
import { Metrics } from "../metrics.ts";
import { UpstreamPool } from "../upstream-pool.ts";
import type { CallRecord } from "./call-record.ts";
import { SecretMask } from "../../upstreams/masking/secret-mask.ts";

export interface WarmServerOptions {
  readonly document: ServerDocument;
  readonly secrets: SecretSource;
  readonly pins: PinStore;
  readonly log: Log;
  readonly openTokens?: OpenTokenSource;
}

/** A compiled document with upstreams of its own, whose calls are recorded. */
export class WarmServer {
  readonly server: CompiledServer;
  readonly mask: SecretMask;
  readonly pool: UpstreamPool;
  readonly #records = new WeakMap<CallContext, CallRecord>();
  readonly #secrets: SecretSource;
  readonly #text: string;
  readonly #secretsPrint: string;

  /** Nothing is connected. Fails with `unprocessable` when the document does not compile. */
  constructor({ document, secrets, pins, log, openTokens }: WarmServerOptions) {
    const tap: UpstreamTap = {
      httpSent: (context, request) => this.#records.get(context)?.http(request),
      tokenObtained: (upstream, token) => this.mask.hide(`upstreams.${upstream}.oauth`, token),
      mcpSent: (context, request) => this.#records.get(context)?.mcp(request),
    };
    const ignore = (): void => undefined;
    this.#secrets = secrets;
    this.#text = JSON.stringify(document, writeLarge);
    this.#secretsPrint = fingerprintSecrets(this.#text, secrets);
    this.mask = new SecretMask(secrets);
    this.pool = new UpstreamPool({
      log,
      events: { catalogueChanged: ignore, notified: ignore },
      ...(openTokens === undefined ? {} : { openTokens }),
      tap,
    });
    const { server, problems } = compileServer(document, undefined, {
      pool: this.pool,
      secrets: this.mask,
      metrics: new Metrics(),
      pins,
      log: silentLog,
      deep: false,
      missingSecret: "error",
    });
    if (server === undefined) throw new AppError("unprocessable", "The version has errors.", { data: { problems } });
    this.server = server;
  }

  /** Whether the secrets that the document names are what they were. */
  get isCurrent(): boolean {
    return fingerprintSecrets(this.#text, this.#secrets) === this.#secretsPrint;
  }

  /** From now on what the call sends is recorded. */
  record(context: CallContext, record: CallRecord): void {
    this.#records.set(context, record);
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** Integers beyond 2^53 are `bigint` in documents. */
function writeLarge(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
