import { createHash } from "node:crypto";
import type { ServerDocument } from "../../core/config/document.ts";
import type { SourceDocument, TenantSecrets } from "../../core/config-source.ts";
import { AppError } from "../../core/errors.ts";
import type { Judgement, JudgementStore } from "../../core/judgement.ts";
import type { Log } from "../../core/log.ts";
import type { PinStore } from "../../core/pin-store.ts";
import type { LocatedProblem, Problem } from "../../core/problem.ts";
import { Metrics } from "../metrics.ts";
import { unopenedPool, type UpstreamPool } from "../upstream-pool.ts";
import { type CompiledDocument, compileServer } from "./compile-server.ts";
import type { CompiledServer } from "./compiled-server.ts";
import { JudgedServer } from "./judged-server.ts";
import { locateProblem } from "./locate-problem.ts";
import { findMissingSecrets, namesOf } from "./secret-uses.ts";

/** Most documents of one load that are compiled before anybody calls them: beyond it, those that nobody calls would fill the memory. */
const mostCompiledAhead = 500;

export interface DocumentCompilerOptions {
  readonly pool: UpstreamPool;
  readonly secrets: TenantSecrets;
  readonly metrics: Metrics;
  readonly pins: PinStore;
  readonly log: Log;
  /** What is known from earlier; without it every document is compiled by the load that reads it first. */
  readonly judgements: JudgementStore | undefined;
  /** A served document is not as it was judged: it is to be judged again. Its key is that of the source. */
  readonly onMisjudged: (key: string) => void;
}

/** What became of a document that was read. */
export interface DocumentVerdict {
  /** Undefined when it is refused. */
  readonly server: CompiledServer | undefined;
  /** Empty for a text that is no document. */
  readonly tenant: string;
  readonly secretNames: readonly string[];
  readonly problems: readonly LocatedProblem[];
  /** `tenant/name` of a server that was compiled, even if it is refused: the pool has upstreams of it. */
  readonly touched: string | undefined;
}

/**
 * Makes servers of documents. One that was judged before, or is one of very many, gets a server that is compiled by
 * its first call; whatever is wrong with a document is found here all the same.
 */
export class DocumentCompiler {
  readonly #options: DocumentCompilerOptions;
  #compiledAhead = 0;
  /** Judgements that the first load has used or made; undefined once it is over. */
  #used: Set<string> | undefined = new Set();

  constructor(options: DocumentCompilerOptions) {
    this.#options = options;
  }

  /** A load begins. */
  begin(): void {
    this.#compiledAhead = 0;
  }

  /** The first load has seen all documents: judgements of others are of no use. */
  finishFirst(): void {
    if (this.#used !== undefined) this.#options.judgements?.keep(this.#used);
    this.#used = undefined;
  }

  /** @param isInUse clients have called the version before this one: what they hold on to is to be compared */
  compile(source: SourceDocument, isInUse: boolean): DocumentVerdict {
    return (isInUse ? undefined : this.#findJudged(source)) ?? this.#judge(source, isInUse);
  }

  /** Throws away what is known of a document: another text is in its place, or it is not as it was judged. */
  forget(source: SourceDocument): void {
    this.#options.judgements?.forget(idOf(source));
  }

  #findJudged(source: SourceDocument): DocumentVerdict | undefined {
    const { judgements, secrets } = this.#options;
    if (judgements === undefined) return undefined;
    const id = idOf(source);
    const judgement = judgements.find(id);
    if (judgement === undefined) return undefined;
    const { tenant, secrets: uses } = judgement;
    // Where each is missing stands in the text, which has to be read then.
    if (findMissingSecrets(uses, secrets.forTenant(tenant), "error").length > 0) return undefined;
    this.#used?.add(id);
    return {
      server: this.#later(source, judgement),
      tenant,
      secretNames: namesOf(uses),
      problems: [],
      touched: undefined,
    };
  }

  #judge(source: SourceDocument, isInUse: boolean): DocumentVerdict {
    const { document } = source;
    if (document === undefined) {
      return { server: undefined, tenant: "", secretNames: [], problems: source.problems, touched: undefined };
    }
    const isAhead = isInUse || this.#compiledAhead++ < mostCompiledAhead;
    const compiled = isAhead ? this.#compileWhole(source, document) : this.#compileAside(source, document);
    const { problems, secretNames, judgement } = compiled;
    const { server } = isAhead || judgement !== undefined ? compiled : this.#compileWhole(source, document);
    // Problems have places in the text, so a document that has any is judged by every start.
    if (source.problems.length + problems.length === 0) this.#note(source, judgement);
    return {
      server: isAhead || server === undefined || judgement === undefined ? server : this.#later(source, judgement),
      tenant: document.tenant,
      secretNames,
      problems: [...source.problems, ...problems.map((problem) => locateProblem(source, problem))],
      touched: isAhead || judgement === undefined ? `${document.tenant}/${document.name}` : undefined,
    };
  }

  #note(source: SourceDocument, judgement: Judgement | undefined): void {
    const { judgements } = this.#options;
    if (judgements === undefined || judgement === undefined) return;
    const id = idOf(source);
    judgements.note(id, judgement);
    this.#used?.add(id);
  }

  #compileWhole(
    { baseDirectory }: SourceDocument,
    document: ServerDocument,
    missingSecret: Problem["severity"] = "error",
  ) {
    const { pool, secrets, metrics, pins, log } = this.#options;
    return compileServer(document, baseDirectory, {
      pool,
      secrets: secrets.forTenant(document.tenant),
      missingSecret,
      metrics,
      pins,
      log,
      deep: false,
    });
  }

  /** Only to judge it: nothing of it stays in the pool or among the counters. */
  #compileAside({ baseDirectory }: SourceDocument, document: ServerDocument): CompiledDocument {
    const { secrets, pins, log } = this.#options;
    return compileServer(document, baseDirectory, {
      pool: unopenedPool(),
      secrets: secrets.forTenant(document.tenant),
      missingSecret: "error",
      metrics: new Metrics(),
      pins,
      log,
      deep: false,
    });
  }

  #later(source: SourceDocument, judgement: Judgement): JudgedServer {
    const compile = (): CompiledServer => {
      const { document } = source;
      // A secret that was taken away meanwhile fails the calls that need it, as it does with any other server.
      const server = document && this.#compileWhole(source, document, "warning").server;
      if (server !== undefined && isAsJudged(server, judgement)) return server;
      this.forget(source);
      this.#options.onMisjudged(source.key);
      throw new AppError("unavailable", "The configuration of this server is being read again. Try again in a moment.");
    };
    return new JudgedServer(judgement, { read: () => source.document, compile });
  }
}

/** A judgement is of this text, under this name, from this folder. */
function idOf({ key, hash, baseDirectory = "" }: SourceDocument): string {
  return createHash("sha256").update(`${key}\0${hash}\0${baseDirectory}`).digest("base64url");
}

function isAsJudged({ key, routes }: CompiledServer, judgement: Judgement): boolean {
  return (
    key === `${judgement.tenant}/${judgement.name}` &&
    routes.length === judgement.routes.length &&
    routes.every(({ prefix }, index) => prefix === judgement.routes[index]?.config.prefix)
  );
}
