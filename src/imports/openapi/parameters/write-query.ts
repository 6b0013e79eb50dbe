import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { OperationCompilation } from "../operation-compilation.ts";
import { argument, argumentTemplate, literal, presentTemplate } from "../templates.ts";
import type { ArgumentList } from "./argument-list.ts";
import { fixedValue } from "./fixed-value.ts";
import type { Parameter } from "./read-parameters.ts";

/** Adds a query parameter to the arguments; gives the name and value of `query` in a request. */
export function writeQueryParameter(
  parameter: Parameter,
  input: ArgumentList,
  compilation: OperationCompilation,
): readonly [string, JsonValue] {
  const { name, draft, isRequired, mediaType, shape } = parameter;
  const fixed = fixedValue(parameter);
  if (fixed !== undefined) return [name, typeof fixed === "string" ? literal(fixed) : fixed];
  const key = input.add(name, "query", draft, isRequired);
  if (mediaType !== undefined) {
    const isText = mediaType.startsWith("text/") && shape === "scalar";
    return [name, isText ? argumentTemplate(key) : presentTemplate(key, `toJson(${argument(key)})`)];
  }
  const style = queryStyle(parameter, compilation);
  const value = argumentTemplate(key);
  if (style === "repeat" || shape === "scalar") return [name, value];
  return [name, { value, style } satisfies JsonObject];
}

function queryStyle({ style, explode, shape, located }: Parameter, { note }: OperationCompilation): string {
  switch (style) {
    case "form":
      return explode ? "repeat" : "comma";
    case "spaceDelimited":
      return explode ? "repeat" : "space";
    case "pipeDelimited":
      return explode ? "repeat" : "pipe";
    case "deepObject":
      // OpenAPI leaves lists open here; those who read such queries know `a[]=1`.
      return shape === "list" ? "brackets" : "deepObject";
    default:
      note(
        "style-not-supported",
        `The style \`${style}\` is not known for queries; the value is written as \`form\`.`,
        located,
      );
      return explode ? "repeat" : "comma";
  }
}
