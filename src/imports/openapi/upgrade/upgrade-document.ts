import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { type DescriptionVersion, versionOf } from "../reading/detect-version.ts";
import type { DocumentSet, RawDocument } from "../reading/document-set.ts";
import { guessPart } from "./guess-part.ts";
import { mapList, mapMembers } from "./map-members.ts";
import { upgradeThree, threePart } from "./upgrade-three.ts";
import { TwoUpgrade } from "./upgrade-two.ts";

/**
 * A document in the shape of OpenAPI 3.1. One that does not say its version, such as a file of schemas, has that of the
 * description, and its parts are told by what they hold. Nothing is changed in place, and names that references use
 * stay where they are: `#/definitions/Pet` of 2.0 is there beside `#/components/schemas/Pet`.
 */
export function upgradeDocument(document: RawDocument, version: DescriptionVersion, set: DocumentSet): JsonObject {
  const own = versionOf(document.value, document.address);
  const value = own === undefined ? upgradeFragment(document.value, version) : upgradeWhole(document, own, set);
  const result = document.isDynamic ? withStaticReferences(value) : value;
  // Each step answers an object for an object.
  return isJsonObject(result) ? result : {};
}

/** A part of a document that is told by what it holds: a schema, a parameter, a path item, or a mapping of such. */
export function upgradeFragment(value: JsonValue, version: DescriptionVersion): JsonValue {
  if (version === "3.1" || version === "3.2") return value;
  const part = guessPart(value);
  if (part === "mapping") return mapMembers(value, (member) => upgradeFragment(member, version));
  return version === "2.0" ? new TwoUpgrade({}).part(part, value) : threePart(part, value);
}

function upgradeWhole(document: RawDocument, version: DescriptionVersion, set: DocumentSet): JsonObject {
  switch (version) {
    case "2.0":
      return new TwoUpgrade(document.value, { document, set }).whole();
    case "3.0":
      return upgradeThree(document.value);
    case "3.1":
    case "3.2":
      return document.value;
  }
}

/**
 * `$dynamicRef` is followed to the anchor of its own document, as `$ref` is: no schema of a description is entered by
 * way of another that could put something else in its place.
 */
function withStaticReferences(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return mapList(value, withStaticReferences);
  if (!isJsonObject(value)) return value;
  const { $dynamicRef: reference, ...rest } = value;
  const isReplaced = typeof reference === "string" && value["$ref"] === undefined;
  return mapMembers(isReplaced ? { ...rest, $ref: reference } : value, withStaticReferences);
}
