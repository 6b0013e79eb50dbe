import { httpMethods } from "../../core/config/request-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { celMember } from "../document/cel-text.ts";
import { templateText } from "../document/template-text.ts";
import type { ImportNote } from "../report/import-report.ts";
import { isCredential } from "../secrets/credential-look.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import { jsonStructure } from "./template/json-structure.ts";
import { parseGoTemplate } from "./template/parse-go-template.ts";
import { TemplateScope } from "./template/template-scope.ts";
import { textPieces } from "./template/text-source.ts";
import { readArguments, type ReadArgument } from "./unla-arguments.ts";
import { readPairs, splitEndpoint } from "./unla-endpoint.ts";
import { unlaRoot } from "./unla-root.ts";
import type { UnlaTool } from "./unla-schema.ts";
import type { UnlaUpstreams } from "./unla-upstreams.ts";

export interface UnlaToolContext {
  readonly config: ReadonlyMap<string, { readonly text: string; readonly line: number }>;
  readonly secrets: NeededSecrets;
  readonly upstreams: UnlaUpstreams;
  /** Begins the names of secrets. */
  readonly owner: string;
  readonly onHeader: (name: string) => void;
  readonly note: (note: ImportNote) => void;
  /** Line of the first character of a value of the tool, by its keys. */
  readonly lineOf: (path: readonly string[]) => number;
}

/**
 * Translates a tool. What can be left out without harm (a header with a client's credentials, the form of the result)
 * is left out with a note. Throws `unprocessable` with the line for what the request cannot do without.
 */
export function translateTool(tool: UnlaTool, context: UnlaToolContext): JsonObject {
  return new ToolTranslator(tool, context).translate();
}

class ToolTranslator {
  readonly #tool: UnlaTool;
  readonly #context: UnlaToolContext;
  readonly #args: readonly ReadArgument[];

  constructor(tool: UnlaTool, context: UnlaToolContext) {
    this.#tool = tool;
    this.#context = context;
    this.#args = readArguments(tool);
  }

  translate(): JsonObject {
    const { name, description, annotations, meta } = this.#tool;
    const endpoint = this.#endpoint();
    const headers = this.#headers();
    const body = this.#body(headers.contentType);
    const result = this.#result();
    // What the endpoint makes of an argument counts, not the bare argument.
    const query = { ...this.#valuesAt("query"), ...endpoint.query };
    return {
      name,
      ...(description ? { description } : {}),
      upstream: this.#context.upstreams.nameFor(endpoint.baseUrl, this.#tool.proxy),
      input: this.#input(),
      request: {
        method: this.#method(),
        path: endpoint.path,
        ...(Object.keys(query).length > 0 ? { query } : {}),
        ...(Object.keys(headers.sent).length > 0 ? { headers: headers.sent } : {}),
        ...(body === undefined ? {} : { body }),
      },
      ...(result === undefined ? {} : { result }),
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(meta && Object.keys(meta).length > 0 ? { meta } : {}),
    };
  }

  #method(): string {
    const given = (this.#tool.method ?? "GET").toUpperCase();
    if (httpMethods.some((method) => method === given)) return given;
    const line = this.#context.lineOf(["method"]);
    throw new AppError("unprocessable", `line ${line}: the method ${given} is none of ${httpMethods.join(", ")}`);
  }

  #input(): JsonObject {
    const required = this.#args.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    return {
      type: "object",
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries(this.#args.map(({ name, schema }) => [name, schema])),
    };
  }

  #scope(place: "request" | "result"): TemplateScope {
    const { config, secrets, owner, onHeader } = this.#context;
    return new TemplateScope(unlaRoot({ args: this.#args, config, secrets, owner, place, onHeader }));
  }

  #endpoint(): ReturnType<typeof splitEndpoint> {
    const line = this.#context.lineOf(["endpoint"]);
    return splitEndpoint(textPieces(parseGoTemplate(this.#tool.endpoint, line), this.#scope("request")), line);
  }

  #valuesAt(position: string): Record<string, string> {
    const here = this.#args.filter((argument) => argument.position === position);
    return Object.fromEntries(here.map(({ name }) => [name, `\${${celMember("args", name)}}`]));
  }

  #headers(): { readonly sent: Record<string, string>; readonly contentType: string | undefined } {
    const sent: Record<string, string> = this.#valuesAt("header");
    let contentType: string | undefined;
    for (const [name, text] of Object.entries(this.#tool.headers ?? {})) {
      if (/^content-type$/i.test(name)) contentType = text;
      else if (!/^(?:host|content-length|connection|transfer-encoding)$/i.test(name)) {
        const header = this.#header(name, text);
        if (header !== undefined) sent[name] = header;
      }
    }
    return { sent, contentType };
  }

  /** A header that cannot be translated is left out: the note says what to set instead. */
  #header(name: string, text: string): string | undefined {
    const { secrets, owner, lineOf, note } = this.#context;
    if (!text.includes("{{") && isCredential(name, text)) {
      return `\${${secrets.reference(`${owner}_${name}`, `the header ${name}`, text)}}`;
    }
    const line = lineOf(["headers", name]);
    try {
      return templateText(textPieces(parseGoTemplate(text, line), this.#scope("request")));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unprocessable") throw error;
      const mend = "Give the upstream a header with a secret of its own if it needs one.";
      note({
        code: "header-left-out",
        message: `The header ${name} is left out: ${error.message}. ${mend}`,
        pointer: `line ${line}`,
      });
      return undefined;
    }
  }

  #body(contentType: string | undefined): JsonObject | undefined {
    const form = this.#valuesAt("form-data");
    if (Object.keys(form).length > 0) return { multipart: form };
    const urlencoded = this.#valuesAt("form");
    if (Object.keys(urlencoded).length > 0) return { form: urlencoded };
    const requestBody = this.#tool.requestBody ?? "";
    if (requestBody.trim() === "") return this.#noBody();
    const nodes = parseGoTemplate(requestBody, this.#context.lineOf(["requestBody"]));
    const isForm = /^application\/x-www-form-urlencoded/i.test(contentType ?? "");
    const json = isForm ? undefined : jsonStructure(nodes, this.#scope("request"));
    if (json !== undefined) return { json, ...typeUnless(contentType, /^application\/json\b/i) };
    const pieces = textPieces(nodes, this.#scope("request"));
    if (isForm) return { form: readPairs(pieces) };
    const text = templateText(pieces);
    return { text, ...typeUnless(contentType, /^text\/plain\b/i) };
  }

  /** Arguments of the body that no template puts there are never sent; so it was before. */
  #noBody(): undefined {
    const unused = this.#args.filter(({ position }) => position === "body").map(({ name }) => name);
    if (unused.length === 0 || this.#method() === "GET") return undefined;
    this.#context.note({
      code: "argument-not-sent",
      message: `There is no requestBody, so ${unused.join(", ")} is not sent; write a \`body\` into the request if it should be.`,
      pointer: `line ${this.#context.lineOf(["name"])}`,
    });
    return undefined;
  }

  /** The form of the result; without one the body is the result, so leaving it out does no harm. */
  #result(): JsonValue | undefined {
    const responseBody = this.#tool.responseBody ?? "";
    if (/^\s*(?:\{\{-?\s*\.Response\.(?:Body|Data)\s*-?\}\}\s*)?$/.test(responseBody)) return undefined;
    const line = this.#context.lineOf(["responseBody"]);
    try {
      const nodes = parseGoTemplate(responseBody, line);
      return jsonStructure(nodes, this.#scope("result")) ?? templateText(textPieces(nodes, this.#scope("result")));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unprocessable") throw error;
      this.#context.note({
        code: "result-left-out",
        message: `The form of the result is left out, so the tool answers with the whole body: ${error.message}. Write a \`result\` if the body is too much.`,
        pointer: `line ${line}`,
      });
      return undefined;
    }
  }
}

function typeUnless(contentType: string | undefined, usual: RegExp): JsonObject {
  return contentType === undefined || usual.test(contentType) ? {} : { contentType };
}
