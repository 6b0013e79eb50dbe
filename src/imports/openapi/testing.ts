import { AppError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Description, Located, OperationOutcome, OperationSource, ToolParts } from "./description.ts";

/** A description of one document that is there already. For tests. */
export function descriptionOf(root: JsonObject): Description {
  const document = "test";
  const child: Description["child"] = (located, key) => {
    const { value } = located;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // An own member of JSON is JSON.
    const member = Reflect.get(value, key) as JsonValue;
    const step = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
    return { value: member, document, pointer: `${located.pointer}/${step}` };
  };
  const find = (reference: string): Located => {
    let at: Located | undefined = { value: root, document, pointer: "" };
    for (const step of reference.slice(2).split("/")) {
      at =
        at === undefined ? undefined : child(at, decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
    }
    if (at === undefined) throw new AppError("unprocessable", `The reference ${reference} leads nowhere.`);
    return at;
  };
  const resolve = (located: Located): Located => {
    const seen = new Set<string>();
    for (let at = located; ; ) {
      const reference = isJsonObject(at.value) ? at.value["$ref"] : undefined;
      if (typeof reference !== "string") return at;
      if (seen.has(reference)) throw new AppError("unprocessable", `The reference ${reference} leads to itself.`);
      seen.add(reference);
      at = find(reference);
    }
  };
  return { root: { value: root, document, pointer: "" }, resolve, child };
}

/** The operation of a description. */
export function operationOf(description: Description, method: string, path: string): OperationSource {
  const paths = description.child(description.root, "paths");
  const pathItem = paths === undefined ? undefined : description.child(paths, path);
  const operation = pathItem === undefined ? undefined : description.child(pathItem, method.toLowerCase());
  if (!isObject(pathItem) || !isObject(operation)) throw new Error(`${method} ${path} is not described`);
  return { method, path, operation, pathItem };
}

/** The parts of an operation that must not be refused. */
export function partsOf(outcome: OperationOutcome): ToolParts {
  if (outcome.kind === "refused") throw new Error(outcome.notes.map(({ message }) => message).join(" "));
  return outcome.parts;
}

function isObject(located: Located | undefined): located is Located<JsonObject> {
  return located !== undefined && isJsonObject(located.value);
}
