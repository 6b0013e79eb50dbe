import { describeIssues } from "../../core/config/check-document.ts";
import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import { type ReachableUpstream, reachableUpstream } from "../../core/config/reachable-upstream-schema.ts";
import type { HttpUpstreamConfig } from "../../core/config/upstream-schema.ts";
import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import type { ConfigStore } from "../../core/config-store.ts";
import { AppError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import type { ProbeStep, ProbeTarget, UpstreamProber } from "../../core/upstream-probe.ts";
import { compileHttpUpstream } from "../http/upstream-plan.ts";
import { SecretMask } from "../masking/secret-mask.ts";
import { compileMcpUpstream } from "../mcp/mcp-upstream-plan.ts";
import { probeHttp, type ProbeOptions } from "./probe-http.ts";
import { probeMcp } from "./probe-mcp.ts";
import { probeProgram } from "./probe-program.ts";

export interface NetworkProberOptions {
  readonly store: Pick<ConfigStore, "get">;
  /** Reads the text of one document; what is wrong with it is in the answer's problems. */
  readonly read: (text: string, name: string) => SourceDocument;
  readonly secrets: TenantSecrets;
}

type Steps = AsyncGenerator<ProbeStep, void, undefined>;

/** Probes under way at once. */
const maxAtOnce = 8;
/** What an upstream without a name is called in messages. */
const unnamed = "upstream";

/** Connects to upstreams step by step, through the egress guard, and tells what it finds. */
export class NetworkProber implements UpstreamProber {
  readonly #options: NetworkProberOptions;
  #underWay = 0;

  constructor(options: NetworkProberOptions) {
    this.#options = options;
  }

  async probe(target: ProbeTarget, signal: AbortSignal): Promise<AsyncIterable<ProbeStep>> {
    if (this.#underWay >= maxAtOnce) {
      throw new AppError("overloaded", "Too many upstreams are being probed at once. Try again in a moment.");
    }
    this.#underWay++;
    try {
      const options = { secrets: new SecretMask(this.#options.secrets.forTenant(target.tenant)), signal };
      const steps = target.kind === "saved" ? await this.#ofSaved(target, options) : ofUnsaved(target.config, options);
      return this.#counted(steps);
    } catch (error) {
      this.#underWay--;
      throw error;
    }
  }

  /** Holds a place until the steps have been read, or nobody reads them. */
  #counted(steps: Steps): AsyncIterable<ProbeStep> {
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.#underWay--;
      isOver = true;
    };
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          try {
            const step = await steps.next();
            if (step.done === true) end();
            return step;
          } catch (error) {
            end();
            throw error;
          }
        },
        return: async () => {
          try {
            return await steps.return();
          } finally {
            end();
          }
        },
      }),
    };
  }

  async #ofSaved(target: Extract<ProbeTarget, { kind: "saved" }>, options: ProbeOptions): Promise<Steps> {
    const { tenant, name, upstream } = target;
    const stored = await this.#options.store.get({ tenant, name });
    if (stored?.text === undefined) throw new AppError("not_found", `There is no server ${name}.`);
    const { document, problems, baseDirectory } = this.#options.read(stored.text, name);
    if (document?.tenant !== tenant || document.name !== name) {
      throw new AppError("unprocessable", "The saved document has errors.", { data: { problems } });
    }
    const config = Object.hasOwn(document.upstreams, upstream) ? document.upstreams[upstream] : undefined;
    if (config === undefined) throw new AppError("not_found", `The server ${name} has no upstream ${upstream}.`);
    refuseProblems(upstream, config);
    if (config.kind === "http") return probeHttp(upstream, config, options);
    const { command } = config;
    if (command === undefined) return probeMcp(upstream, config, options);
    return probeProgram(upstream, { ...config, command }, baseDirectory, options);
  }
}

/** No configuration that gets this far can name a program: the schema has no key for it. */
function ofUnsaved(value: unknown, options: ProbeOptions): Steps {
  if (isJsonObject(value) && (Object.hasOwn(value, "command") || value["transport"] === "stdio")) {
    throw new AppError(
      "forbidden",
      "A program is started from a saved server only. Save it, and probe it by its name.",
    );
  }
  const parsed = reachableUpstream.safeParse(value);
  if (!parsed.success) throw unprocessable(describeIssues(reachableUpstream, value, parsed.error));
  const config = complete(parsed.data);
  refuseProblems(unnamed, config);
  return config.kind === "http" ? probeHttp(unnamed, config, options) : probeMcp(unnamed, config, options);
}

function complete(config: ReachableUpstream): HttpUpstreamConfig | McpUpstreamConfig {
  return config.kind === "http" ? config : { ...config, args: [], env: {} };
}

function refuseProblems(name: string, config: HttpUpstreamConfig | McpUpstreamConfig): void {
  const problems: Problem[] = [];
  const scope = { name, path: [], report: (problem: Problem) => void problems.push(problem) };
  if (config.kind === "http") compileHttpUpstream(config, scope);
  else compileMcpUpstream(config, { ...scope, baseDirectory: undefined });
  if (problems.some(({ severity }) => severity === "error")) throw unprocessable(problems);
}

function unprocessable(problems: readonly Problem[]): AppError {
  return new AppError("unprocessable", "The configuration of the upstream has errors.", { data: { problems } });
}
