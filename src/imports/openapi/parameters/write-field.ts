import type { OperationCompilation } from "../operation-compilation.ts";
import { argument, argumentTemplate, literal, presentTemplate } from "../templates.ts";
import type { ArgumentList } from "./argument-list.ts";
import { fixedValue } from "./fixed-value.ts";
import type { Parameter } from "./read-parameters.ts";

/** A name of a header or a cookie (RFC 9110, 5.6.2). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** OpenAPI describes these elsewhere (Parameter Object); the others belong to the connection. */
const notSettable: ReadonlySet<string> = new Set([
  "accept",
  "authorization",
  "content-type",
  "connection",
  "content-length",
  "cookie",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Adds a header or cookie to the arguments; gives its name and value in a request, or nothing when it is left out. */
export function writeFieldParameter(
  parameter: Parameter,
  place: "header" | "cookie",
  input: ArgumentList,
  compilation: OperationCompilation,
): readonly [string, string] | undefined {
  const { name, draft, isRequired, located } = parameter;
  if (!token.test(name)) {
    compilation.note(
      "name-not-usable",
      `${JSON.stringify(name)} cannot be the name of a ${place}; it is left out.`,
      located,
    );
    return undefined;
  }
  if (place === "header" && notSettable.has(name.toLowerCase())) {
    compilation.note("header-left-out", `The header \`${name}\` is no argument: the gateway sets it.`, located);
    return undefined;
  }
  const fixed = fixedValue(parameter);
  if (fixed !== undefined) return [name, literal(String(fixed))];
  const key = input.add(name, place, draft, isRequired);
  return [name, fieldTemplate(key, parameter, place, compilation)];
}

function fieldTemplate(
  key: string,
  { shape, explode, mediaType, located }: Parameter,
  place: "header" | "cookie",
  compilation: OperationCompilation,
): string {
  const value = argument(key);
  if (mediaType !== undefined && !(mediaType.startsWith("text/") && shape === "scalar")) {
    return presentTemplate(key, `toJson(${value})`);
  }
  if (shape === "list") {
    if (place === "cookie" && explode) {
      compilation.note(
        "style-changed",
        "A cookie is sent once: the elements of the list are joined by commas.",
        located,
      );
    }
    return presentTemplate(key, `${value}.join(",")`);
  }
  if (shape === "object") {
    const pair = explode ? '"="' : '","';
    return presentTemplate(key, `${value}.keys().map(k, [k, ${value}[k]].join(${pair})).join(",")`);
  }
  return argumentTemplate(key);
}
