import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Description, Located, OperationOutcome, OperationSource } from "./description.ts";

/** Parameters of path and query only. */
export function compileOperation(source: OperationSource, description: Description): OperationOutcome {
  const properties: [string, JsonValue][] = [];
  const query: [string, JsonValue][] = [];
  const required: string[] = [];
  for (const holder of [source.pathItem, source.operation]) {
    const list = description.child(holder, "parameters");
    for (let index = 0; list !== undefined; index++) {
      const item: Located | undefined = description.child(list, index);
      if (item === undefined) break;
      const parameter = description.resolve(item);
      if (!isJsonObject(parameter.value)) continue;
      const { name, in: place } = parameter.value;
      if (typeof name !== "string") continue;
      const schema = description.child(parameter, "schema");
      properties.push([name, schema === undefined ? {} : description.resolve(schema).value]);
      if (place === "query") query.push([name, `\${args.${name}}`]);
      if (place === "path") required.push(name);
    }
  }
  const request: JsonObject = { method: source.method, path: source.path, query: Object.fromEntries(query) };
  const input: JsonObject = { type: "object", properties: Object.fromEntries(properties), required };
  const annotations = { readOnlyHint: source.method === "GET" };
  return { kind: "tool", parts: { input, request, annotations }, notes: [], security: [] };
}
