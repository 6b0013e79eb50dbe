import { celMember } from "../document/cel-text.ts";
import type { NeededSecrets } from "../secrets/needed-secrets.ts";
import { isCredential } from "../secrets/credential-look.ts";
import { constantValue, type GoValue, memberOf } from "./template/go-value.ts";
import { notTranslated } from "./template/not-translated.ts";
import { parseGoTemplate } from "./template/parse-go-template.ts";
import { type TemplateRoot, TemplateScope } from "./template/template-scope.ts";
import { textSource } from "./template/text-source.ts";
import type { ReadArgument } from "./unla-arguments.ts";

export interface RootOptions {
  readonly args: readonly ReadArgument[];
  /** Values of the server's `config`: templates, and the lines that they stand at. */
  readonly config: ReadonlyMap<string, { readonly text: string; readonly line: number }>;
  readonly secrets: NeededSecrets;
  /** Begins the names of secrets. */
  readonly owner: string;
  /** Results see the response, but neither secrets nor the configuration's credentials. */
  readonly place: "request" | "result";
  /** Hears of each client header that is read, by its lower-case name. */
  readonly onHeader: (name: string) => void;
}

/** The dot of Unla's templates: `.Args`, `.Config`, `.Request.Headers`, `.Response`. */
export function unlaRoot(options: RootOptions): TemplateRoot {
  const environment = (name: string): GoValue => {
    return { kind: "text", source: options.secrets.reference(name, `the variable ${name} of the environment`) };
  };
  const resolve = (path: readonly string[], line: number): GoValue => {
    const [first = "", second, ...rest] = path;
    switch (first) {
      case "Args":
        return argumentAt(options, second, rest, line);
      case "Config":
        return configAt(options, { resolve, environment }, second, line);
      case "Request":
        return headerAt(options, second, rest, line);
      case "Response":
        return responseAt(options, second, rest, line);
      default:
        throw notTranslated(`\`.${path.join(".")}\``, line);
    }
  };
  return {
    resolve,
    environment: (name) => {
      if (options.place === "request") return environment(name);
      throw notTranslated(`env "${name}" in a response: results see no secrets, so it`, 0);
    },
  };
}

function argumentAt({ args }: RootOptions, name: string | undefined, rest: readonly string[], line: number): GoValue {
  if (name === undefined) return { kind: "object", source: "args" };
  const argument = args.find((known) => known.name === name);
  if (argument === undefined) throw notTranslated(`\`.Args.${name}\`, which is no argument of the tool,`, line);
  const base: GoValue = argument.isPresent
    ? { kind: argument.kind, source: celMember("args", name) }
    : { ...memberOf({ kind: "object", source: "args" }, name), kind: argument.kind };
  return rest.reduce<GoValue>(memberOf, base);
}

/** A value of `config` is a template itself; credentials in clear text become secrets. */
function configAt(
  { config, secrets, owner, place }: RootOptions,
  root: TemplateRoot,
  name: string | undefined,
  line: number,
): GoValue {
  const value = name === undefined ? undefined : config.get(name);
  if (name === undefined || value === undefined)
    throw notTranslated(`\`.Config.${name ?? ""}\`, which the server's config does not have,`, line);
  const isTemplate = value.text.includes("{{");
  if (place === "result" && (isTemplate || isCredential(name, value.text))) {
    throw notTranslated(`\`.Config.${name}\` in a response: results see no secrets, so it`, line);
  }
  if (!isTemplate) {
    if (!isCredential(name, value.text)) return constantValue(value.text);
    return {
      kind: "text",
      source: secrets.reference(`${owner}_${name}`, `\`${name}\` of the server's config`, value.text),
    };
  }
  const nodes = parseGoTemplate(value.text, value.line);
  return { kind: "text", source: textSource(nodes, new TemplateScope(root), (text) => text) };
}

const neverForwarded = new Set(["authorization", "cookie", "set-cookie", "mcp-session-id"]);

function headerAt({ onHeader }: RootOptions, part: string | undefined, rest: readonly string[], line: number): GoValue {
  if (part !== "Headers") {
    throw notTranslated(`\`.Request.${part ?? ""}\`: of a client's request only headers can be read, so it`, line);
  }
  const headers: GoValue = {
    kind: "object",
    source: "request.headers",
    select: (name) => {
      const header = name.toLowerCase();
      if (neverForwarded.has(header)) {
        throw notTranslated(`the header ${name} of the client's request, which is never sent on,`, line);
      }
      onHeader(header);
      return { ...memberOf({ kind: "object", source: "request.headers" }, header), kind: "text" };
    },
  };
  return rest.reduce<GoValue>(memberOf, headers);
}

function responseAt({ place }: RootOptions, part: string | undefined, rest: readonly string[], line: number): GoValue {
  if (place === "request") throw notTranslated("`.Response` before there is one", line);
  const body: GoValue = { kind: "unknown", source: "response.body" };
  if (part === "Body") return { ...body, kind: "unknown" };
  if (part !== "Data") throw notTranslated(`\`.Response.${part ?? ""}\``, line);
  return rest.reduce<GoValue>(memberOf, body);
}
