import type { SecretSource } from "../../core/config-source.ts";
import type { PromptArgumentConfig, PromptConfig } from "../../core/config/prompt-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { DocumentPath, Report } from "../../core/problem.ts";
import { type BlockMaker, compileContentBlock } from "../../expressions/content-blocks.ts";
import type { Variable } from "../../expressions/scope.ts";
import { type CompiledCompletion, type CompletingTool, compileCompletion } from "./compile-completion.ts";
import type { OutgoingCall } from "../outgoing-call.ts";
import { scopeOf } from "../scope-of.ts";

export interface CompiledPrompt {
  readonly kind: "configured";
  /** As newest clients see it. */
  readonly definition: JsonObject;
  readonly completions: ReadonlyMap<string, CompiledCompletion>;
  /** The messages for these arguments, text as clients send it. Throws `invalid_params`. */
  messages(call: OutgoingCall, given: JsonObject): JsonValue[];
}

export interface PromptCompileContext {
  readonly secrets: SecretSource;
  readonly tools: ReadonlyMap<string, CompletingTool>;
  readonly report: Report;
}

const variables: ReadonlySet<Variable> = new Set(["args", "request", "principal"]);

/** Compiles a prompt: its definition, its typed arguments and its messages. */
export function compilePrompt(config: PromptConfig, path: DocumentPath, context: PromptCompileContext): CompiledPrompt {
  reportDuplicates(config, path, context);
  const argumentNames = new Set(config.arguments.map((argument) => argument.name));
  const scope = { variables, argumentNames, report: context.report };
  const messages = config.messages.map(({ role, content }, i) => ({
    role,
    make: compileContentBlock(content, [...path, "messages", i, "content"], scope),
  }));
  return {
    kind: "configured",
    definition: describePrompt(config),
    completions: compileCompletions(config, path, context),
    messages: (call, given) => makeMessages(messages, call, readArguments(config.arguments, given), context.secrets),
  };
}

function makeMessages(
  messages: readonly { readonly role: string; readonly make: BlockMaker }[],
  call: OutgoingCall,
  args: JsonObject,
  secrets: SecretSource,
): JsonValue[] {
  const scope = scopeOf(call, args, secrets);
  return messages.map(({ role, make }) => ({ role, content: make(scope) }));
}

function describePrompt({ name, title, description, arguments: args, icons, meta }: PromptConfig): JsonObject {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(args.length === 0 ? {} : { arguments: args.map(describeArgument) }),
    ...(icons === undefined ? {} : { icons: icons as unknown as JsonValue }), // plain YAML
    ...(meta === undefined ? {} : { _meta: meta }),
  };
}

function describeArgument({ name, title, description, required }: PromptArgumentConfig): JsonObject {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    required,
  };
}

function compileCompletions(
  config: PromptConfig,
  path: DocumentPath,
  context: PromptCompileContext,
): Map<string, CompiledCompletion> {
  const completions = new Map<string, CompiledCompletion>();
  config.arguments.forEach((argument, i) => {
    const at = [...path, "arguments", i, "complete"];
    if (argument.complete !== undefined) {
      completions.set(argument.name, compileCompletion(argument.complete, at, context.tools, context.report));
    } else if (argument.enum !== undefined) completions.set(argument.name, { kind: "values", values: argument.enum });
  });
  return completions;
}

function reportDuplicates(config: PromptConfig, path: DocumentPath, context: PromptCompileContext): void {
  const seen = new Set<string>();
  config.arguments.forEach(({ name }, i) => {
    if (seen.has(name)) {
      context.report({
        severity: "error",
        path: [...path, "arguments", i, "name"],
        message: `the argument "${name}" is there twice`,
      });
    }
    seen.add(name);
  });
}

/** Converts the text that clients send to the types the prompt declares. */
function readArguments(declared: readonly PromptArgumentConfig[], given: JsonObject): JsonObject {
  const args: Record<string, JsonValue> = Object.create(null);
  for (const argument of declared) {
    const { name } = argument;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (argument.default !== undefined) args[name] = argument.default;
      else if (argument.required) throw new AppError("invalid_params", `The prompt needs the argument "${name}".`);
    } else args[name] = readArgument(argument, value);
  }
  return args;
}

function readArgument({ name, type, enum: allowed }: PromptArgumentConfig, value: JsonValue): JsonValue {
  const text = typeof value === "string" ? value : stringifyJson(value);
  if (allowed !== undefined && !allowed.includes(text)) {
    throw new AppError("invalid_params", `The argument "${name}" must be one of: ${allowed.join(", ")}.`);
  }
  switch (type) {
    case "string":
      return text;
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw new AppError("invalid_params", `The argument "${name}" must be true or false.`);
    case "integer":
      if (/^[+-]?\d{1,64}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
      throw new AppError("invalid_params", `The argument "${name}" must be a whole number.`);
    case "number":
      if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) && Number.isFinite(Number(text))) return Number(text);
      throw new AppError("invalid_params", `The argument "${name}" must be a number.`);
  }
}
