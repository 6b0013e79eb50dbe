import type { ResourceConfig, ResourceTemplateConfig } from "../../core/config/resource-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import { parseUriTemplate, type UriTemplate } from "../../protocol/uri-template.ts";
import { type CompiledCompletion, type CompletingTool, compileCompletion } from "./compile-completion.ts";
import { compileResource } from "./compile-resource.ts";
import { type CompileContext, collectByName } from "./compile-context.ts";
import type { CompiledResource, CompiledResourceTemplate } from "./compiled-parts.ts";

const noArguments: ReadonlySet<string> = new Set();

/** Compiles the resources of a document, by URI. */
export function compileResources(context: CompileContext): Map<string, CompiledResource> {
  return collectByName(
    context.document.resources,
    "resources",
    ({ uri }) => uri,
    (resource, path) => {
      if (!URL.canParse(resource.uri)) {
        context.report({
          severity: "error",
          path: [...path, "uri"],
          message: `"${resource.uri}" is not a URI`,
          mend: "begin it with a scheme, such as docs://",
        });
      }
      const reader = compileResource(resource, path, noArguments, context);
      return (
        reader && {
          definition: describeResource(resource),
          fingerprint: stringifyJson(resource as unknown as JsonValue) /* plain YAML */,
          reader,
        }
      );
    },
    context,
  );
}

/** Compiles the resource templates of a document, in their order. */
export function compileResourceTemplates(
  context: CompileContext,
  tools: ReadonlyMap<string, CompletingTool>,
): CompiledResourceTemplate[] {
  const byTemplate = collectByName(
    context.document.resourceTemplates,
    "resourceTemplates",
    ({ uriTemplate }) => uriTemplate,
    (config, path) => compileTemplate(config, path, context, tools),
    context,
  );
  return [...byTemplate.values()];
}

function compileTemplate(
  config: ResourceTemplateConfig,
  path: DocumentPath,
  context: CompileContext,
  tools: ReadonlyMap<string, CompletingTool>,
): CompiledResourceTemplate | undefined {
  const template = parseTemplate(config.uriTemplate, [...path, "uriTemplate"], context);
  if (template === undefined) return undefined;
  const reader = compileResource(config, path, new Set(template.variables), context);
  const completions = new Map<string, CompiledCompletion>();
  for (const [name, completion] of Object.entries(config.complete)) {
    const at = [...path, "complete", name];
    if (!template.variables.includes(name)) {
      context.report({
        severity: "error",
        path: at,
        message: `the template has no variable "${name}"`,
        mend: `its variables are: ${template.variables.join(", ")}`,
      });
    }
    completions.set(name, compileCompletion(completion, at, tools, context.report));
  }
  return reader && { definition: describeTemplate(config), template, completions, reader };
}

function parseTemplate(text: string, path: DocumentPath, { report }: CompileContext): UriTemplate | undefined {
  try {
    return parseUriTemplate(text);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report({ severity: "error", path, message: error.message });
    return undefined;
  }
}

type Described = Omit<ResourceConfig, "uri" | "size">;

function describe({ name, title, description, mimeType, annotations, icons, meta }: Described): JsonObject {
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(annotations === undefined ? {} : { annotations: annotations as unknown as JsonValue }), // plain YAML
    ...(icons === undefined ? {} : { icons: icons as unknown as JsonValue }), // plain YAML
    ...(meta === undefined ? {} : { _meta: meta }),
  };
}

function describeResource(resource: ResourceConfig): JsonObject {
  const size = resource.size === undefined ? {} : { size: resource.size };
  return { uri: resource.uri, ...describe(resource), ...size };
}

function describeTemplate(config: ResourceTemplateConfig): JsonObject {
  return { uriTemplate: config.uriTemplate, ...describe(config) };
}
