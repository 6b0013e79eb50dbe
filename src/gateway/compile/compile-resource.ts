import type { ResourceConfig, ResourceTemplateConfig } from "../../core/config/resource-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import type { Variable } from "../../expressions/scope.ts";
import { compileText } from "../../expressions/template.ts";
import { compileHttpFetch } from "../../upstreams/http/http-fetch.ts";
import type { CompileContext } from "./compile-context.ts";
import type { OutgoingCall } from "../outgoing-call.ts";
import type { ResourceContent } from "./resource-content.ts";
import { scopeOf } from "../scope-of.ts";

/** Reads the content for these arguments (the variables of a URI template). */
export type ResourceReader = (call: OutgoingCall, args: JsonObject) => ResourceContent | Promise<ResourceContent>;

const variables: ReadonlySet<Variable> = new Set(["args", "request", "principal"]);
const sources = ["text", "blob", "file", "request"] as const;

/** Compiles where the content of a resource or resource template comes from. */
export function compileResource(
  config: ResourceConfig | ResourceTemplateConfig,
  path: DocumentPath,
  argumentNames: ReadonlySet<string>,
  context: CompileContext,
): ResourceReader | undefined {
  const given = sources.filter((source) => config[source] !== undefined);
  if (given.length !== 1) {
    context.report({
      severity: "error",
      path,
      message:
        given.length === 0 ? "the resource has no content" : `the resource has several contents: ${given.join(", ")}`,
      mend: "give exactly one of text, blob, file, or upstream with request",
    });
    return undefined;
  }
  if (config.text !== undefined) return fromText(config.text, config, [...path, "text"], argumentNames, context);
  if (config.blob !== undefined) return fromBlob(config.blob, config, [...path, "blob"], argumentNames, context);
  if (config.file !== undefined) return fromFile(config.file, config.mimeType, [...path, "file"], context);
  return fromRequest(config, path, argumentNames, context);
}

type Described = Pick<ResourceConfig, "mimeType">;

function fromText(
  text: string,
  { mimeType }: Described,
  path: DocumentPath,
  argumentNames: ReadonlySet<string>,
  context: CompileContext,
): ResourceReader {
  const template = compileText(text, path, { variables, argumentNames, report: context.report });
  return (call, args) => ({
    kind: "text",
    text: template.evaluate(scopeOf(call, args, context.secrets)) ?? "",
    mimeType,
  });
}

function fromBlob(
  blob: string,
  described: Described,
  path: DocumentPath,
  argumentNames: ReadonlySet<string>,
  context: CompileContext,
): ResourceReader {
  const template = compileText(blob, path, { variables, argumentNames, report: context.report });
  return (call, args) => {
    const value = template.evaluate(scopeOf(call, args, context.secrets)) ?? "";
    const dataUri = /^data:([^;,]*)(?:;[^,]*)?;base64,(.*)$/s.exec(value);
    return { kind: "blob", base64: dataUri?.[2] ?? value, mimeType: described.mimeType ?? dataUri?.[1] };
  };
}

function fromFile(
  file: string,
  mimeType: string | undefined,
  path: DocumentPath,
  context: CompileContext,
): ResourceReader | undefined {
  const { files } = context;
  if (files === undefined) {
    context.report({
      severity: "error",
      path,
      message: "the document names no folders that files may be read from",
      mend: "add files.roots with the folder of this file",
    });
    return undefined;
  }
  return (_call, args) => files.read(file, args, mimeType);
}

function fromRequest(
  config: ResourceConfig | ResourceTemplateConfig,
  path: DocumentPath,
  argumentNames: ReadonlySet<string>,
  context: CompileContext,
): ResourceReader | undefined {
  const { request, upstream: name, result, mimeType } = config;
  const handle = name === undefined ? undefined : context.upstreams.get(name);
  const upstream = name === undefined ? undefined : context.document.upstreams[name];
  if (request === undefined || handle === undefined || upstream === undefined) {
    context.report({
      severity: "error",
      path: name === undefined ? [...path, "request"] : [...path, "upstream"],
      message: name === undefined ? "the request has no upstream" : `unknown upstream "${name}"`,
      mend: `name one of this document's upstreams: ${Object.keys(context.document.upstreams).join(", ") || "there are none yet"}`,
    });
    return undefined;
  }
  if (handle.kind !== "http") {
    context.report({
      severity: "error",
      path: [...path, "upstream"],
      message: `the upstream "${name}" is an MCP server, which has resources of its own`,
      mend: "name an upstream of kind http, or show the server's resources by `expose`",
    });
    return undefined;
  }
  const fetchCall = compileHttpFetch({ request, result }, path, { argumentNames, report: context.report });
  return async (call, args) => {
    call.args = args;
    call.deadlineAt = performance.now() + upstream.timeoutMs;
    const answer = await handle.open().fetch(fetchCall, call);
    if (answer.status === 404) throw new AppError("resource_not_found", "Resource not found.");
    if (answer.status >= 400) throw new AppError("upstream_failed", `The upstream answered HTTP ${answer.status}.`);
    const type = mimeType ?? answer.mimeType;
    return typeof answer.body === "string"
      ? { kind: "text", text: answer.body, mimeType: type }
      : { kind: "blob", base64: answer.body.toString("base64"), mimeType: type };
  };
}
