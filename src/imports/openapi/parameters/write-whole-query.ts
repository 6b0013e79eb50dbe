import type { JsonValue } from "../../../core/json.ts";
import { readFields } from "../bodies/read-fields.ts";
import type { OperationCompilation } from "../operation-compilation.ts";
import { RefusedOperation } from "../refused-operation.ts";
import { argumentTemplate } from "../templates.ts";
import type { ArgumentList } from "./argument-list.ts";
import type { Parameter } from "./read-parameters.ts";

/** A parameter that is the whole query (`in: querystring`, OpenAPI 3.2): each field of its form is an argument. */
export function writeWholeQuery(
  { draft, isRequired, mediaType, located }: Parameter,
  input: ArgumentList,
  { shelf }: OperationCompilation,
): readonly (readonly [string, JsonValue])[] {
  const isForm = mediaType === undefined || mediaType.startsWith("application/x-www-form-urlencoded");
  const fields = isForm ? readFields(draft, shelf, isRequired) : undefined;
  if (fields === undefined) {
    const message = "The whole query is one parameter, and not a form whose fields are described.";
    throw new RefusedOperation("querystring-not-supported", message, located);
  }
  return fields.map(({ name, draft: field, isRequired: isFieldRequired }) => {
    return [name, argumentTemplate(input.add(name, "query", field, isFieldRequired))] as const;
  });
}
