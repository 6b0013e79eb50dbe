import { CORE_SCHEMA, defineScalarTag, dump, intCoreTag } from "js-yaml";
import type { JsonValue } from "../../core/json.ts";

/** Digits of integers beyond 2^53 are written as they are. */
const integerTag = defineScalarTag<number | bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  identify: (value) => typeof value === "bigint" || intCoreTag.identify?.(value) === true,
  resolve: intCoreTag.resolve,
  represent: (value: number | bigint) => (typeof value === "bigint" ? String(value) : intCoreTag.represent(value)),
});

const schema = CORE_SCHEMA.withTags(integerTag);

/** Writes a value as the YAML of a document: no anchors, no folded lines; `parseYaml` reads the same value back. */
export function writeYaml(value: JsonValue): string {
  return dump(value, { schema, noRefs: true, lineWidth: -1, flowLevel: -1 });
}
