import { AppError } from "../core/errors.ts";
import { memberSpans } from "./json-spans.ts";

/** What becomes of a member's value, text in and text out; undefined takes the member away. */
export type MemberEdit = (text: string) => string | undefined;

/**
 * Edits members of a JSON object without reading the rest of it: everything else stays as it was
 * written, digit by digit.
 *
 * @param text valid JSON of an object
 * @param edits by key; keys that the object lacks are ignored
 * @throws AppError `upstream_failed` when a key comes twice: whose value counts would be a guess
 */
export function editObject(text: string, edits: ReadonlyMap<string, MemberEdit>): string {
  const members = memberSpans(text);
  if (members === undefined) throw new AppError("upstream_failed", "The answer has a member twice.");
  let edited = "";
  for (const { key, keyStart, start, end } of members) {
    const edit = edits.get(key);
    const value = edit === undefined ? text.slice(start, end) : edit(text.slice(start, end));
    if (value !== undefined) edited += `${edited === "" ? "" : ","}${text.slice(keyStart, start)}${value}`;
  }
  return `{${edited}}`;
}

/** Adds members, each written as `,"key":value`, at the end of the JSON text of an object. */
export function appendMembers(text: string, members: string): string {
  if (members === "") return text;
  const end = text.lastIndexOf("}");
  const isEmpty = text.charAt(lastVisible(text, end - 1)) === "{";
  return `${text.slice(0, end)}${isEmpty ? members.slice(1) : members}}`;
}

/** The edit that takes a member away. */
export const dropMember: MemberEdit = () => undefined;

function lastVisible(text: string, from: number): number {
  let at = from;
  while (at > 0 && text.charCodeAt(at) <= 0x20) at--;
  return at;
}
