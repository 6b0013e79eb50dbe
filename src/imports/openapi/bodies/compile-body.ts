import { AppError } from "../../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import type { Located, OperationSource } from "../description.ts";
import { objectAt, objectOf, type OperationCompilation, textOf } from "../operation-compilation.ts";
import type { ArgumentList } from "../parameters/argument-list.ts";
import { RefusedOperation } from "../refused-operation.ts";
import type { Draft } from "../schema/conversion.ts";
import { type PlainObject, readPlainObject } from "../schema/plain-object.ts";
import { argumentTemplate, literal } from "../templates.ts";
import { fileDraft } from "./files.ts";
import { readFields } from "./read-fields.ts";
import { type BodyMedia, chooseMedia, essence, exactType } from "./media-type.ts";
import { writeFormField } from "./write-form-field.ts";
import { writePart } from "./write-part.ts";

/** The body of a request; adds its arguments. `undefined` when the operation has none. */
export function compileBody(
  { method, operation }: OperationSource,
  input: ArgumentList,
  compilation: OperationCompilation,
): JsonObject | undefined {
  const body = readBody(operation, compilation);
  const content = body === undefined ? undefined : objectAt(body, "content", compilation.description);
  if (body === undefined || content === undefined || Object.keys(content.value).length === 0) return undefined;
  if (method === "HEAD") {
    compilation.note("body-left-out", "A HEAD request has no body; it is left out.", body);
    return undefined;
  }
  const media = chooseMedia(content, compilation);
  if (media === undefined) {
    const types = Object.keys(content.value).slice(0, 5).join(", ");
    throw new RefusedOperation("media-type-not-supported", `A body of the type ${types} cannot be written.`, content);
  }
  return new BodyCompilation(media, body, input, compilation).compile();
}

function readBody(
  operation: Located<JsonObject>,
  { description }: OperationCompilation,
): Located<JsonObject> | undefined {
  const body = description.child(operation, "requestBody");
  if (body === undefined) return undefined;
  try {
    return objectOf(description.resolve(body));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new RefusedOperation("reference-broken", `${error.message} It is the body of the operation.`, body);
  }
}

/** Properties that have another argument's name; with more of them one `body` reads better. */
const maxRenamed = 2;
const maxFlattened = 60;

class BodyCompilation {
  readonly #media: BodyMedia;
  readonly #isRequired: boolean;
  readonly #about: string | undefined;
  readonly #input: ArgumentList;
  readonly #compilation: OperationCompilation;
  readonly #draft: Draft;

  constructor(media: BodyMedia, body: Located<JsonObject>, input: ArgumentList, compilation: OperationCompilation) {
    this.#media = media;
    this.#isRequired = body.value["required"] === true;
    this.#about = textOf(body.value, "description");
    this.#input = input;
    this.#compilation = compilation;
    const schema = compilation.description.child(media.located, "schema");
    const converted = schema === undefined ? undefined : compilation.shelf.convert(schema);
    compilation.notes.push(...(converted?.notes ?? []));
    this.#draft = converted?.draft ?? true;
  }

  compile(): JsonObject {
    switch (this.#media.form) {
      case "json":
        return { json: this.#json(), ...this.#contentType("application/json") };
      case "form":
        return this.#form();
      case "multipart":
        return this.#multipart();
      case "text":
        return { text: this.#whole(this.#text()), ...this.#contentType("text/plain") };
      case "binary":
        return { binary: this.#whole(fileDraft(this.#draft)), ...this.#contentType("application/octet-stream") };
    }
  }

  #json(): JsonValue {
    const plain = readPlainObject(this.#draft, this.#look);
    if (plain === undefined || !this.#canBeFlat(plain)) return this.#whole(this.#draft);
    return Object.fromEntries(
      [...plain.properties].map(([name, draft]) => {
        return [name, argumentTemplate(this.#input.add(name, "body", draft, plain.required.has(name)))];
      }),
    );
  }

  #look = (key: string): Draft => this.#compilation.shelf.target(key).draft;

  /** Whether the properties can stand among the arguments. */
  #canBeFlat({ properties, required, additional }: PlainObject): boolean {
    if (properties.size === 0 || properties.size > maxFlattened) return false;
    if (additional !== undefined && additional !== false) return false;
    // An optional body that has required members must be left out as a whole.
    if (!this.#isRequired && required.size > 0) return false;
    return [...properties.keys()].filter((name) => this.#input.has(name, "body")).length <= maxRenamed;
  }

  /** One argument for the whole body; gives its template. */
  #whole(draft: Draft): string {
    const about = this.#about ?? "The body of the request.";
    const members = isJsonObject(draft) ? draft : {};
    const described = textOf(members, "description") === undefined ? { ...members, description: about } : members;
    return argumentTemplate(this.#input.add("body", "body", described, this.#isRequired));
  }

  #text(): Draft {
    const isText = isJsonObject(this.#draft) && this.#draft["type"] === "string";
    if (isText) return this.#draft;
    const { type, located } = this.#media;
    const name = essence(type);
    this.#compilation.note("body-as-text", `The body is one argument: the text as ${name}.`, located);
    return { type: "string", description: `${this.#about ?? "The body of the request"} (text of the type ${name}).` };
  }

  #form(): JsonObject {
    const fields = readFields(this.#draft, this.#compilation.shelf, true);
    if (fields === undefined) {
      const draft = {
        type: "string",
        description: `${this.#about ?? "The body of the request"} (urlencoded: a=1&b=2).`,
      };
      return { text: this.#whole(draft), contentType: "application/x-www-form-urlencoded" };
    }
    const context = { media: this.#media.located, input: this.#input, compilation: this.#compilation };
    return { form: this.#entries(() => fields.map((field) => writeFormField(field, context))) };
  }

  #multipart(): JsonObject {
    const fields = readFields(this.#draft, this.#compilation.shelf, true);
    if (fields === undefined) {
      throw new RefusedOperation(
        "form-not-described",
        "The fields of the multipart body are not described.",
        this.#media.located,
      );
    }
    const context = { media: this.#media.located, input: this.#input, compilation: this.#compilation };
    return { multipart: this.#entries(() => fields.map((field) => writePart(field, context))) };
  }

  /** What an optional body requires is required of those only who send one. */
  #entries(write: () => (readonly [string, JsonValue])[]): JsonObject {
    return Object.fromEntries(this.#isRequired ? write() : this.#input.addOptionalWhole(write));
  }

  #contentType(usual: string): JsonObject {
    const type = exactType(this.#media.type);
    return type === undefined || essence(type) === usual ? {} : { contentType: literal(type) };
  }
}
