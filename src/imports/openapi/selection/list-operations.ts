import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { AppError } from "../../../core/errors.ts";
import type { Description, Located, OperationSource } from "../description.ts";
import { methodKeys } from "../upgrade/guess-part.ts";
import { printable } from "../text/printable.ts";

/** An operation as it stands in the description, or why it cannot be read. */
export type ListedOperation =
  | { readonly kind: "operation"; readonly source: OperationSource; readonly label: string }
  | { readonly kind: "unreadable"; readonly label: string; readonly message: string; readonly pointer: string };

/** Every operation below `paths`, in the order of the description; one that cannot be read is there with its reason. */
export function listOperations(description: Description): ListedOperation[] {
  const paths = description.child(description.root, "paths");
  if (paths === undefined || !isJsonObject(paths.value)) return [];
  return Object.keys(paths.value).flatMap((path) => {
    const item = description.child(paths, path);
    // Extensions stand between the paths.
    return item === undefined || path.startsWith("x-") ? [] : operationsOf(path, item, description);
  });
}

function operationsOf(path: string, written: Located, description: Description): ListedOperation[] {
  let item: Located;
  try {
    item = description.resolve(written);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ kind: "unreadable", label: `* ${printable(path)}`, message: error.message, pointer: written.pointer }];
  }
  if (!isJsonObject(item.value)) {
    const message = "The path has no operations: it is not a mapping. Write them as `get:`, `post:` and so on.";
    return [{ kind: "unreadable", label: `* ${printable(path)}`, message, pointer: item.pointer }];
  }
  const pathItem = withOwnMembers(item, item.value, written);
  return [...methodsOf(pathItem, description)].map(([method, operation]) => {
    const label = `${method} ${printable(path)}`;
    if (isJsonObject(operation.value)) {
      const source = { method, path, pathItem, operation: { ...operation, value: operation.value } };
      return { kind: "operation", source, label };
    }
    const message = "The operation is not a mapping. Write its parameters and responses below it, or remove it.";
    return { kind: "unreadable", label, message, pointer: operation.pointer };
  });
}

/** What stands beside the `$ref` of a path item belongs to it too. */
function withOwnMembers(item: Located, value: JsonObject, written: Located): Located<JsonObject> {
  if (item.pointer === written.pointer || !isJsonObject(written.value)) return { ...item, value };
  const { $ref: _reference, ...own } = written.value;
  return { ...item, value: Object.keys(own).length === 0 ? value : { ...value, ...own } };
}

function* methodsOf(item: Located<JsonObject>, description: Description): Iterable<[string, Located]> {
  for (const key of methodKeys) {
    const operation = description.child(item, key);
    if (operation !== undefined) yield [key.toUpperCase(), operation];
  }
  // OpenAPI 3.2: methods without a key of their own.
  const additional = description.child(item, "additionalOperations");
  if (additional === undefined || !isJsonObject(additional.value)) return;
  for (const key of Object.keys(additional.value)) {
    const operation = description.child(additional, key);
    if (operation !== undefined) yield [printable(key).toUpperCase(), operation];
  }
}
