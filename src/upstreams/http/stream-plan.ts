import { type CallContext, type LogLevel, logLevels } from "../../core/call.ts";
import type { ToolConfig } from "../../core/config/tool-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import {
  type CompileScope,
  compileCondition,
  compileText,
  compileValue,
  type Scope,
  type Template,
  type Variable,
} from "../../expressions/template.ts";
import type { RequestOptions } from "./request-plan.ts";

type StreamConfig = NonNullable<ToolConfig["stream"]>;

/** What becomes of the events of a backend that streams. */
export interface StreamPlan {
  readonly progress: ProgressPlan | undefined;
  readonly log: LogPlan | undefined;
  /** Whether the body is a list of all data or the last one. */
  readonly keepsAll: boolean;
}

interface ProgressPlan {
  readonly when: Template<boolean> | undefined;
  readonly progress: Template<JsonValue | undefined>;
  readonly total: Template<JsonValue | undefined> | undefined;
  readonly message: Template<string | undefined> | undefined;
}

interface LogPlan {
  readonly when: Template<boolean> | undefined;
  readonly level: Template<string | undefined>;
  readonly logger: Template<string | undefined> | undefined;
  readonly data: Template<JsonValue | undefined>;
}

const eventVariables: ReadonlySet<Variable> = new Set<Variable>(["args", "request", "principal", "event"]);

export function compileStream(config: StreamConfig, path: DocumentPath, options: RequestOptions): StreamPlan {
  const scope: CompileScope = { variables: eventVariables, ...options };
  const value = (
    key: string,
    field: string,
    source: JsonValue | undefined,
  ): Template<JsonValue | undefined> | undefined =>
    source === undefined ? undefined : compileValue(source, [...path, key, field], scope);
  const text = (key: string, field: string, source: string | undefined): Template<string | undefined> | undefined =>
    source === undefined ? undefined : compileText(source, [...path, key, field], scope);
  const condition = (key: string, source: string | undefined): Template<boolean> | undefined =>
    source === undefined ? undefined : compileCondition(source, [...path, key, "when"], scope);
  const { progress, log } = config;
  return {
    progress: progress && {
      when: condition("progress", progress.when),
      progress: compileValue(progress.progress, [...path, "progress", "progress"], scope),
      total: value("progress", "total", progress.total),
      message: text("progress", "message", progress.message),
    },
    log: log && {
      when: condition("log", log.when),
      level: compileText(log.level, [...path, "log", "level"], scope),
      logger: text("log", "logger", log.logger),
      data: compileValue(log.data, [...path, "log", "data"], scope),
    },
    keepsAll: config.result === "all",
  };
}

/** Turns the events of one call into notifications. */
export class EventNotifier {
  readonly #plan: StreamPlan;
  readonly #context: CallContext;
  #lastProgress = Number.NEGATIVE_INFINITY;

  constructor(plan: StreamPlan, context: CallContext) {
    this.#plan = plan;
    this.#context = context;
  }

  /** Whether the event was progress or a log message, and so is no data of the result. */
  notify(scope: Scope): boolean {
    const isProgress = applies(() => this.#progress(scope));
    const isLog = applies(() => this.#log(scope));
    return isProgress || isLog;
  }

  #progress(scope: Scope): boolean {
    const plan = this.#plan.progress;
    if (plan === undefined || !isWanted(plan.when, scope)) return false;
    const progress = toNumber(plan.progress.evaluate(scope));
    if (progress === undefined) return false;
    // MCP demands that progress grows; a backend that repeats a number is heard once.
    if (progress <= this.#lastProgress) return true;
    this.#lastProgress = progress;
    const total = toNumber(plan.total?.evaluate(scope));
    const message = plan.message?.evaluate(scope);
    this.#context.progress({
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    });
    return true;
  }

  #log(scope: Scope): boolean {
    const plan = this.#plan.log;
    if (plan === undefined || !isWanted(plan.when, scope)) return false;
    const data = plan.data.evaluate(scope);
    if (data === undefined) return false;
    const logger = plan.logger?.evaluate(scope);
    this.#context.log({
      level: toLevel(plan.level.evaluate(scope)),
      data,
      ...(logger === undefined ? {} : { logger }),
    });
    return true;
  }
}

/** An expression that cannot be evaluated for an event says that the event is of another kind. */
function applies(evaluate: () => boolean): boolean {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function isWanted(when: Template<boolean> | undefined, scope: Scope): boolean {
  return when === undefined || when.evaluate(scope);
}

function toNumber(value: JsonValue | undefined): number | undefined {
  const isNumeric =
    typeof value === "number" || typeof value === "bigint" || (typeof value === "string" && value !== "");
  const number = isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function toLevel(text: string | undefined): LogLevel {
  return logLevels.find((level) => level === text?.toLowerCase()) ?? "info";
}
