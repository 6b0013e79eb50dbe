import { logLevels } from "../../core/call.ts";
import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import type { ConfigStore, StoredVersion } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { SeenTimes, ToolRun, ToolRunner, ToolRunRequest } from "../../core/tool-runner.ts";
import { rank } from "../../protocol/revisions.ts";
import { type Clock, systemClock } from "../../upstreams/mcp/lifecycle/clock.ts";
import type { OpenTokenSource } from "../../upstreams/mcp/oauth/open-token-source.ts";
import type { UpstreamHandle } from "../upstream-pool.ts";
import { CallRecord } from "./call-record.ts";
import { checkAgainstNewest, startsPrograms } from "./check-version.ts";
import { confirmingInquirer } from "./confirming-inquirer.ts";
import { type LocalAnswer, startLocalExchange } from "./local-exchange.ts";
import { refuseProblems } from "./read-own-document.ts";
import type { SecretMask } from "../../upstreams/masking/secret-mask.ts";
import { WarmServer } from "./warm-server.ts";
import { type WarmLease, WarmShelf } from "./warm-shelf.ts";

export interface WarmToolRunnerOptions {
  readonly store: Pick<ConfigStore, "get">;
  /** Reads the text of one document; what is wrong with it is in the answer's problems. */
  readonly read: (text: string, name: string) => SourceDocument;
  readonly secrets: TenantSecrets;
  readonly pins: PinStore;
  readonly log: Log;
  /** As each document says without it. */
  readonly openTokens?: OpenTokenSource;
  /** The system's without it. */
  readonly clock?: Clock;
  /** Servers that are kept warm; 32 without it. */
  readonly maxServers?: number;
  /** A server without runs is let go after this time; a minute without it. */
  readonly idleMs?: number;
}

/** Runs under way at once. */
const maxAtOnce = 64;
const maxMessages = 100;
/** More of a result is not shown: looking for secrets in it would take too long. */
const maxResultBytes = 2_097_152;

/** Runs tools of saved versions on compiled servers of its own, apart from those of the gateway. */
export class WarmToolRunner implements ToolRunner {
  readonly #options: WarmToolRunnerOptions;
  readonly #clock: Clock;
  readonly #shelf: WarmShelf;
  #underWay = 0;

  constructor(options: WarmToolRunnerOptions) {
    const { clock = systemClock, maxServers = 32, idleMs = 60_000 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#shelf = new WarmShelf({ clock, maxServers, idleMs });
  }

  /** Compiled servers that are held. */
  get size(): number {
    return this.#shelf.size;
  }

  async run(request: ToolRunRequest): Promise<ToolRun> {
    if (this.#underWay >= maxAtOnce) {
      throw new AppError("overloaded", "Too many tools are being run at once. Try again in a moment.");
    }
    this.#underWay++;
    try {
      return await this.#run(request);
    } finally {
      this.#underWay--;
    }
  }

  /** For previews: the running upstream of a server with this key. */
  find(server: string, key: string): UpstreamHandle | undefined {
    return this.#shelf.find(server, key);
  }

  close(): Promise<void> {
    return this.#shelf.close();
  }

  async #run(request: ToolRunRequest): Promise<ToolRun> {
    const { newest, asked } = await this.#find(request);
    await this.#refreshSecrets();
    const lease = this.#shelf.lease(request, asked.version, newest.version, () => this.#make(request, asked));
    try {
      if (request.signal.aborted) throw new AppError("cancelled", "The run was cancelled.");
      const { document } = lease.warm.server;
      if (asked !== newest) checkAgainstNewest(document, this.#read(newest).document);
      if (!request.mayStartPrograms && startsPrograms(document)) {
        throw new AppError("forbidden", "This server starts a program, which is not allowed here.");
      }
      return { version: asked.version, ...(await this.#call(lease, request)) };
    } finally {
      lease.end();
    }
  }

  async #find(request: ToolRunRequest): Promise<{ readonly newest: StoredVersion; readonly asked: StoredVersion }> {
    const { tenant, name, version } = request;
    const { store } = this.#options;
    const newest = await store.get({ tenant, name });
    if (newest?.text === undefined) throw new AppError("not_found", `There is no server ${name}.`);
    const asked = version === undefined || version === newest.version ? newest : await store.get(request, version);
    if (asked?.text === undefined) throw new AppError("not_found", `The server ${name} has no version ${version}.`);
    return { newest, asked };
  }

  #make(request: ToolRunRequest, asked: StoredVersion): WarmServer {
    const { secrets, pins, log, openTokens } = this.#options;
    const { tenant, name } = request;
    const source = this.#read(asked);
    const document = refuseProblems(source, source.problems, { tenant, name });
    return new WarmServer({
      document,
      secrets: secrets.forTenant(tenant),
      pins,
      log,
      ...(openTokens === undefined ? {} : { openTokens }),
    });
  }

  #read({ text, name }: StoredVersion): SourceDocument {
    return this.#options.read(text ?? "", name);
  }

  /** Without news the known values hold. */
  async #refreshSecrets(): Promise<void> {
    try {
      await this.#options.secrets.refresh();
    } catch (error) {
      if (!(error instanceof AppError && error.code === "unavailable")) throw error;
      this.#options.log.debug("secrets were not read again", { error });
    }
  }

  async #call({ warm }: WarmLease, request: ToolRunRequest): Promise<Omit<ToolRun, "version">> {
    const startedAt = this.#clock.now();
    const record = new CallRecord(() => this.#clock.now());
    const messages: string[] = [];
    const { exchange, answer } = startLocalExchange({
      server: warm.server,
      method: "tools/call",
      params: { name: request.tool, arguments: request.args, _meta: { progressToken: 1 } },
      rank: rank["2025-11-25"],
      principal: request.principal,
      headers: request.headers,
      inquirer: confirmingInquirer(request.isConfirmed, () => !record.isEmpty),
      logThreshold: logLevels.indexOf("debug"),
      onMessage: (text) => {
        if (messages.length < maxMessages) messages.push(text);
      },
      onOpened: (opened) => warm.record(opened, record),
    });
    const cancel = (): void => exchange.cancel();
    request.signal.addEventListener("abort", cancel, { once: true });
    const cancelTimer = this.#clock.after(request.timeoutMs, () =>
      exchange.stop(new AppError("timed_out", `The run took longer than ${request.timeoutMs} ms.`)),
    );
    try {
      const answered = await answer;
      const exchanges = record.show(warm.mask);
      return {
        outcome: maskOutcome(answered, warm.mask),
        messages: messages.map((text) => warm.mask.maskJson(text)),
        exchanges,
        totalMs: this.#clock.now() - startedAt,
        upstreamMs: coveredMs(exchanges),
      };
    } finally {
      cancelTimer();
      request.signal.removeEventListener("abort", cancel);
    }
  }
}

function maskOutcome(answer: LocalAnswer, mask: SecretMask): ToolRun["outcome"] {
  if (answer.kind === "error") return { kind: "error", code: answer.code, message: mask.mask(answer.message) };
  const bytes = Buffer.byteLength(answer.text);
  if (bytes > maxResultBytes) return { kind: "large", bytes };
  try {
    return { kind: "result", text: mask.maskJson(answer.text) };
  } catch (error) {
    if (!(error instanceof AppError || error instanceof SyntaxError)) throw error;
    return { kind: "error", code: -32603, message: "The result cannot be read: it is nested too deep." };
  }
}

/** The time that at least one exchange covers; they may overlap. */
function coveredMs(exchanges: readonly SeenTimes[]): number {
  let covered = 0;
  let until = 0;
  for (const { sentAt, endedAt } of exchanges) {
    covered += Math.max(0, endedAt - Math.max(sentAt, until));
    until = Math.max(until, endedAt);
  }
  return covered;
}
