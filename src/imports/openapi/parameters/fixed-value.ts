import { isJsonObject } from "../../../core/json.ts";
import { isList } from "../schema/keyword-groups.ts";
import type { Parameter } from "./read-parameters.ts";

/** Texts with these cannot be sent in headers, and only say that the description is odd. */
const controls = /[\u0000-\u001f\u007f]/;

/** The value of a parameter that is required and allows one value only: there is nothing to ask a model for. */
export function fixedValue({ draft, isRequired, mediaType }: Parameter): string | number | boolean | undefined {
  if (!isRequired || mediaType !== undefined || !isJsonObject(draft)) return undefined;
  const { enum: values, const: constant } = draft;
  const only = isList(values) && values.length === 1 ? values[0] : constant;
  if (typeof only === "string") return only === "" || controls.test(only) ? undefined : only;
  return typeof only === "number" || typeof only === "boolean" ? only : undefined;
}
