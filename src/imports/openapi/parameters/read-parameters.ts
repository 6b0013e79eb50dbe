import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { stringifyJson } from "../../../core/lossless-json.ts";
import type { Located, OperationSource } from "../description.ts";
import { objectOf, type OperationCompilation, textOf } from "../operation-compilation.ts";
import { RefusedOperation } from "../refused-operation.ts";
import type { Draft } from "../schema/conversion.ts";
import { isList } from "../schema/keyword-groups.ts";
import { type Shape, shapeOf } from "./shape.ts";
import { AppError } from "../../../core/errors.ts";

/** A parameter of an operation, with all defaults of OpenAPI filled in. */
export interface Parameter {
  readonly name: string;
  readonly place: "path" | "query" | "header" | "cookie" | "querystring";
  readonly isRequired: boolean;
  readonly style: string;
  readonly explode: boolean;
  /** Set when the value is written as this media type instead of a style. */
  readonly mediaType: string | undefined;
  readonly draft: Draft;
  readonly shape: Shape;
  readonly located: Located<JsonObject>;
}

const places: ReadonlySet<string> = new Set(["path", "query", "header", "cookie", "querystring"]);

/** More than these are no parameters that a model could fill in. */
const maxParameters = 300;

/** The parameters of an operation, those of its path before its own, each once. */
export function readParameters(source: OperationSource, compilation: OperationCompilation): readonly Parameter[] {
  const found = new Map<string, Parameter>();
  for (const owner of [source.pathItem, source.operation]) {
    for (const entry of entriesOf(owner, compilation)) {
      const parameter = readParameter(entry, compilation);
      // A map keeps the place of the first: those of the path item come first, whoever describes them.
      if (parameter !== undefined) found.set(keyOf(parameter), parameter);
    }
  }
  return [...found.values()];
}

function keyOf({ place, name }: Parameter): string {
  return `${place} ${place === "header" ? name.toLowerCase() : name}`;
}

function entriesOf(owner: Located<JsonObject>, { description, note }: OperationCompilation): readonly Located[] {
  const list = description.child(owner, "parameters");
  if (list === undefined) return [];
  if (!isList(list.value)) {
    note("parameters-not-usable", "`parameters` is not a list; it is left out.", list);
    return [];
  }
  if (list.value.length > maxParameters) {
    throw new RefusedOperation("too-many-parameters", `The operation has more than ${maxParameters} parameters.`, list);
  }
  return [...list.value.keys()].map((index) => description.child(list, index)).filter((entry) => entry !== undefined);
}

function readParameter(entry: Located, compilation: OperationCompilation): Parameter | undefined {
  const located = resolved(entry, compilation);
  const place = located === undefined ? undefined : textOf(located.value, "in");
  const name = located === undefined ? undefined : textOf(located.value, "name");
  if (located === undefined || place === undefined || name === undefined || !places.has(place)) {
    compilation.note("parameter-not-usable", "A parameter without a name or a known place is left out.", entry);
    return undefined;
  }
  // One of the known places, as was checked.
  const known = place as Parameter["place"];
  const style = textOf(located.value, "style") ?? (known === "query" || known === "cookie" ? "form" : "simple");
  const { explode, required } = located.value;
  const { draft, mediaType } = readSchema(located, compilation);
  return {
    name,
    place: known,
    isRequired: known === "path" || required === true,
    style,
    explode: typeof explode === "boolean" ? explode : style === "form" || style === "cookie",
    mediaType,
    draft: described(draft, located.value),
    shape: shapeOf(draft, compilation.shelf),
    located,
  };
}

function resolved(entry: Located, { description }: OperationCompilation): Located<JsonObject> | undefined {
  try {
    return objectOf(description.resolve(entry));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new RefusedOperation("reference-broken", `${error.message} It is a parameter of the operation.`, entry);
  }
}

interface ParameterSchema {
  readonly draft: Draft;
  readonly mediaType: string | undefined;
}

function readSchema(
  located: Located<JsonObject>,
  { description, shelf, notes }: OperationCompilation,
): ParameterSchema {
  const content = description.child(located, "content");
  const [mediaType] = content !== undefined && isJsonObject(content.value) ? Object.keys(content.value) : [];
  const holder = content !== undefined && mediaType !== undefined ? description.child(content, mediaType) : located;
  const schema = holder === undefined ? undefined : description.child(holder, "schema");
  if (schema === undefined) return { draft: { type: "string" }, mediaType };
  const { draft, notes: found } = shelf.convert(schema);
  notes.push(...found);
  return { draft, mediaType };
}

const maxExampleCharacters = 200;

/** What a parameter says about itself goes before what its schema says. */
function described(draft: Draft, parameter: JsonObject): Draft {
  const members: Record<string, JsonValue> = isJsonObject(draft) ? { ...draft } : {};
  const description = textOf(parameter, "description");
  if (description !== undefined) members["description"] = description;
  if (parameter["deprecated"] === true) members["deprecated"] = true;
  const { example } = parameter;
  const isShown = example !== undefined && example !== null && members["examples"] === undefined;
  if (isShown && members["enum"] === undefined && stringifyJson(example).length <= maxExampleCharacters) {
    members["examples"] = [example];
  }
  return Object.keys(members).length === 0 ? draft : members;
}
