import type { ArgumentList } from "./argument-list.ts";
import { placeholderName } from "./guessed-value.ts";

export interface CurlPath {
  /** As a document has it: `/users/{user_id}`. */
  readonly path: string;
  /** Segments that stay, for the name of the tool. */
  readonly words: readonly string[];
  /** Names of the arguments in it. */
  readonly arguments: readonly string[];
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Object ids and hashes in hexadecimal. */
const hexId = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{12,64}$/i;

/** `ch_3MmlLrLkdIwHu7ix0snN0B15`, ULIDs: letters of both kinds and digits, or many of one kind with digits. */
const mixedId = /^(?:[a-z]+_)?(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9]{12,64}$|^[0-9A-HJKMNP-TV-Z]{26}$/;

/** Makes arguments of what in a path names one thing: places to fill in, numbers, UUIDs and other ids. */
export function readPath(path: string, args: ArgumentList): CurlPath {
  const words: string[] = [];
  const names: string[] = [];
  const segments = withoutDots(path.split("/")).map((segment) => {
    const wanted = wantedIn(segment, words.at(-1));
    if (wanted !== undefined) {
      names.push(args.add({ ...wanted, isRequired: true }));
      return `{${names.at(-1)}}`;
    }
    if (segment.includes("{")) return withPlaceholders(segment, args, names);
    if (segment !== "") words.push(segment);
    return literalSegment(segment);
  });
  return { path: segments.join("/"), words, arguments: names };
}

function wantedIn(
  segment: string,
  before: string | undefined,
): { name: string; schema: { [key: string]: string | string[] | number[] } } | undefined {
  const placeholder = placeholderName(decoded(segment));
  if (placeholder !== undefined) return { name: placeholder, schema: { type: "string" } };
  const name = `${singular(before)}_id`.replace(/^_/, "");
  if (/^(?:0|[1-9]\d{0,14})$/.test(segment)) return { name, schema: { type: "integer", examples: [Number(segment)] } };
  if (uuid.test(segment)) return { name, schema: { type: "string", format: "uuid", examples: [segment] } };
  return hexId.test(segment) || mixedId.test(segment) || /^\d+$/.test(segment)
    ? { name, schema: { type: "string", examples: [segment] } }
    : undefined;
}

/** `report-{year}.pdf`: places to fill in within a segment. */
function withPlaceholders(segment: string, args: ArgumentList, names: string[]): string {
  return segment
    .split(/(\{[\w.-]+\})/)
    .map((part) => {
      const placeholder = placeholderName(part);
      if (placeholder === undefined) return literalSegment(part);
      names.push(args.add({ name: placeholder, schema: { type: "string" }, isRequired: true }));
      return `{${names.at(-1)}}`;
    })
    .join("");
}

function literalSegment(text: string): string {
  return text.replaceAll("{", "%7B").replaceAll("}", "%7D");
}

/** As curl does before it sends: `.` goes, `..` takes the segment before it along. */
function withoutDots(segments: readonly string[]): string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") {
      if (kept.length > 1) kept.pop();
    } else if (segment !== ".") kept.push(segment);
  }
  return kept;
}

function singular(word: string | undefined): string {
  const name = (word ?? "").replace(/[^A-Za-z0-9]+/g, "_");
  if (/ies$/i.test(name)) return name.replace(/ies$/i, "y");
  return /(?:ss|us|is)$/i.test(name) ? name : name.replace(/s$/i, "");
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
