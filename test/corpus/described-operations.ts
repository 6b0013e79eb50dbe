import { isTree, type Tree, treeIn } from "./read-description.ts";

/** An operation as the description has it, found without the compiler. */
export interface DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Tree;
  readonly pathItem: Tree;
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/** Every operation below `paths`; path items that refer to others are followed. */
export function describedOperations(root: Tree): DescribedOperation[] {
  return Object.entries(treeIn(root, "paths")).flatMap(([path, item]) => {
    const pathItem = follow(root, item);
    if (path.startsWith("x-") || !isTree(pathItem)) return [];
    return methods.flatMap((method) => {
      const operation = pathItem[method];
      return isTree(operation) ? [{ method: method.toUpperCase(), path, operation, pathItem }] : [];
    });
  });
}

/** What a chain of references leads to. */
export function follow(root: Tree, value: unknown): unknown {
  let at = value;
  for (let step = 0; isTree(at) && typeof at["$ref"] === "string"; step++) {
    if (step > 100) throw new Error(`${at["$ref"]} leads to itself`);
    at = pointed(root, at["$ref"]);
  }
  return at;
}

/** The value at `#/a/b`; `undefined` when nothing is there. */
export function pointed(root: Tree, reference: string): unknown {
  let at: unknown = root;
  for (const step of reference.slice(2).split("/")) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    at = Array.isArray(at) || isTree(at) ? Reflect.get(at, key) : undefined;
  }
  return at;
}
