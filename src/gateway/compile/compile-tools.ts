import type { ToolConfig } from "../../core/config/tool-schema.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DocumentPath } from "../../core/problem.ts";
import { findMirroredArguments, type MirroredArgument } from "../../protocol/modern-request.ts";
import { findSchemaProblems, lazyValidator } from "../../schemas/json-schema.ts";
import { compileHttpTool } from "../../upstreams/http/http-tool-call.ts";
import { type CompileContext, collectByName } from "./compile-context.ts";
import { compileConfirm } from "./compile-confirm.ts";
import type { CompiledTool } from "./compiled-parts.ts";

/** Compiles the tools of a document, by name. */
export function compileTools(context: CompileContext): Map<string, CompiledTool> {
  return collectByName(
    context.document.tools,
    "tools",
    ({ name }) => name,
    (tool, path) => compileTool(tool, path, context),
    context,
  );
}

function compileTool(tool: ToolConfig, path: DocumentPath, context: CompileContext): CompiledTool | undefined {
  const { document, upstreams, metrics, serverKey } = context;
  checkSchemas(tool, path, context);
  const mirrored = checkMirrored(tool.input, [...path, "input"], context);
  const upstream = upstreams.get(tool.upstream);
  const config = document.upstreams[tool.upstream];
  if (upstream === undefined || config === undefined) {
    const known = [...upstreams.keys()].join(", ");
    context.report({
      severity: "error",
      path: [...path, "upstream"],
      message: `unknown upstream "${tool.upstream}"`,
      mend: known === "" ? "add it to upstreams" : `name one of this document's upstreams: ${known}`,
    });
    return undefined;
  }
  if (upstream.kind !== "http" || config.kind !== "http") {
    context.report({
      severity: "error",
      path: [...path, "upstream"],
      message: `the upstream "${tool.upstream}" is an MCP server, which has tools of its own`,
      mend: "name an upstream of kind http, or show the server's tools by `expose`",
    });
    return undefined;
  }
  const call = compileHttpTool(tool, { path, report: context.report });
  if (call === undefined) return undefined;
  return {
    kind: "http",
    name: tool.name,
    definition: describeTool(tool),
    validator: lazyValidator(tool.input, { useDefaults: true }),
    mirrored,
    confirm:
      tool.confirm === undefined ? undefined : compileConfirm(tool.confirm, [...path, "confirm"], context.report),
    upstream,
    call,
    timeoutMs: tool.timeoutMs ?? config.timeoutMs,
    metrics: metrics.forTool(serverKey, tool.name),
  };
}

function checkSchemas(tool: ToolConfig, path: DocumentPath, { report, deep }: CompileContext): void {
  for (const problem of findSchemaProblems(tool.input, [...path, "input"], { deep, root: "object" })) report(problem);
  if (tool.output === undefined) return;
  for (const problem of findSchemaProblems(tool.output, [...path, "output"], { deep })) report(problem);
}

function checkMirrored(input: JsonObject, path: DocumentPath, { report }: CompileContext): readonly MirroredArgument[] {
  const { mirrored, faults } = findMirroredArguments(input);
  for (const fault of faults)
    report({ severity: "error", path, message: fault, mend: "clients drop tools that break this rule" });
  return mirrored;
}

function describeTool(tool: ToolConfig): JsonObject {
  const { name, title, description, input, output, annotations, icons, meta } = tool;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema: input,
    ...(output === undefined ? {} : { outputSchema: output }),
    ...(annotations === undefined ? {} : { annotations: annotations as unknown as JsonValue }), // plain YAML
    ...(icons === undefined ? {} : { icons: icons as unknown as JsonValue }), // plain YAML
    ...(meta === undefined ? {} : { _meta: meta }),
  };
}
