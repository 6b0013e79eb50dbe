import { follow } from "./described-operations.ts";
import { isTree, type Tree, treeIn } from "./read-description.ts";

type Fields = Map<string, unknown>;

interface FormShape {
  readonly schema: unknown;
  /** What references of the schema lead into. */
  readonly root: Tree;
  /** Stands for every file. */
  readonly file: string;
}

/** The fields of a form as a value of the types that its schema has: texts tell no types. */
export function readForm(form: Iterable<[string, unknown]>, { schema, root, file }: FormShape): Tree {
  const fields: Fields = new Map();
  for (const [name, value] of form) put(fields, stepsOf(name), typeof value === "string" ? value : file);
  const typed = ofType(asValue(fields), schema, root);
  return isTree(typed) ? typed : {};
}

/** `a[b][0]` and `a[]`, as forms write what is inside something. */
function stepsOf(name: string): string[] {
  const [head = "", ...rest] = name.split(/\[|\]\[?/);
  return name.endsWith("]") && rest.length > 0 ? [head, ...rest.slice(0, -1)] : [name];
}

function put(fields: Fields, [step = "", ...rest]: readonly string[], value: unknown): void {
  const known = fields.get(step);
  if (rest.length === 0) {
    fields.set(step, known === undefined ? value : [known, value].flat());
    return;
  }
  const inner: Fields = known instanceof Map ? known : new Map();
  fields.set(step, inner);
  put(inner, rest, value);
}

function asValue(fields: unknown): unknown {
  if (!(fields instanceof Map)) return fields;
  const entries = [...fields.entries()].map(([key, value]): [string, unknown] => [String(key), asValue(value)]);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "") return [only[1]].flat();
  if (entries.every(([key], index) => key === String(index))) return entries.map(([, value]) => value);
  return Object.fromEntries(entries);
}

function ofType(value: unknown, written: unknown, root: Tree): unknown {
  const schema = follow(root, written);
  if (!isTree(schema)) return value;
  if (Array.isArray(value)) return value.map((item) => ofType(item, itemsOf(schema, root), root));
  if (isTree(value)) {
    const properties = propertiesOf(schema, root);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        ofType(member, properties[key] ?? schema["additionalProperties"], root),
      ]),
    );
  }
  return typeof value === "string" ? textOfType(value, schema, root) : value;
}

function textOfType(text: string, schema: Tree, root: Tree): unknown {
  const type = typeOf(schema, root);
  switch (type) {
    case "integer":
    case "number":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array": {
      const parsed = parsedOr(text);
      if (Array.isArray(parsed)) return parsed;
      return text
        .split(schema["collectionFormat"] === "multi" ? /$^/ : ",")
        .map((item) => ofType(item, itemsOf(schema, root), root));
    }
    case "object":
      return parsedOr(text);
    default:
      return text;
  }
}

/** Fields of a multipart form that are objects are JSON. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function typeOf(schema: Tree, root: Tree): unknown {
  if (schema["type"] !== undefined) return schema["type"];
  if (schema["properties"] !== undefined) return "object";
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) => schema[key] ?? []);
  return parts
    .map((part) => follow(root, part))
    .find((part) => isTree(part) && part["type"] !== undefined && part !== schema) === undefined
    ? undefined
    : parts
        .map((part) => follow(root, part))
        .filter(isTree)
        .map(({ type }) => type)
        .find((type) => type !== undefined);
}

function itemsOf(schema: Tree, root: Tree): unknown {
  if (schema["items"] !== undefined) return schema["items"];
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) => schema[key] ?? []).map((part) => follow(root, part));
  return parts.filter(isTree).find(({ items }) => items !== undefined)?.["items"];
}

function propertiesOf(schema: Tree, root: Tree): Tree {
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((key) => schema[key] ?? []).map((part) => follow(root, part));
  return Object.assign(
    {},
    ...parts.filter(isTree).map((part) => propertiesOf(part, root)),
    treeIn(schema, "properties"),
  );
}
