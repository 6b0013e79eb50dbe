import { AppError } from "../../core/errors.ts";
import type { ImportNote } from "../report/import-report.ts";
import { type CurlOption, findCurlOption, type OptionMeaning } from "./curl-options.ts";
import type { ShellCommand } from "./shell-command.ts";

/** A part of a body as the command gives it. */
export interface CurlData {
  readonly meaning: "data" | "dataRaw" | "dataBinary" | "dataUrlencode" | "json";
  readonly value: string;
}

/** One request of a command line: its options, not yet put together. */
export interface CurlRequest {
  readonly line: number;
  readonly urls: readonly string[];
  /** Values by option, in the order of the command; without a value an empty text. */
  readonly options: ReadonlyMap<OptionMeaning, readonly string[]>;
  readonly data: readonly CurlData[];
  readonly form: readonly { readonly isLiteral: boolean; readonly value: string }[];
  readonly notes: readonly ImportNote[];
}

/** Reads the words of a curl command; `--next` begins another request. Throws `unprocessable` with the line. */
export function readCurlCommand({ words, line }: ShellCommand): CurlRequest[] {
  const requests = [newRequest(line)];
  const queue = words.slice(1);
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const request = requests.at(-1) ?? newRequest(line);
    if (word === "--next" || word === "-:") requests.push(newRequest(line));
    else if (word.startsWith("--") && word !== "--") readLong(word.slice(2), queue, request);
    else if (word.startsWith("-") && word !== "-" && word !== "--") readShort(word.slice(1), queue, request);
    else if (word !== "--") request.urls.push(word);
  }
  return requests;
}

interface OpenRequest {
  readonly line: number;
  readonly urls: string[];
  readonly options: Map<OptionMeaning, string[]>;
  readonly data: CurlData[];
  readonly form: { readonly isLiteral: boolean; readonly value: string }[];
  readonly notes: ImportNote[];
}

function newRequest(line: number): OpenRequest {
  return { line, urls: [], options: new Map(), data: [], form: [], notes: [] };
}

function readLong(word: string, queue: string[], request: OpenRequest): void {
  const option = findCurlOption(word);
  if (option !== undefined) return take(option, `--${word}`, option.takesValue ? queue.shift() : "", request);
  // curl takes `--no-OPTION` for every switch.
  const positive = word.startsWith("no-") ? findCurlOption(word.slice(3)) : undefined;
  if (positive === undefined) unknown(`--${word}`, request);
}

/** Short options may stand together, and the value of the last one right behind it: `-sXPOST`. */
function readShort(word: string, queue: string[], request: OpenRequest): void {
  for (let at = 0; at < word.length; at++) {
    const letter = word.charAt(at);
    const option = findCurlOption(letter);
    if (option === undefined) unknown(`-${letter}`, request);
    else if (!option.takesValue) take(option, `-${letter}`, "", request);
    else return take(option, `-${letter}`, at + 1 < word.length ? word.slice(at + 1) : queue.shift(), request);
  }
}

function unknown(name: string, { line, notes }: OpenRequest): void {
  notes.push({
    code: "unknown-option",
    message: `The option ${name} is not known here and was left out. If it takes a value, that was read as a URL: take both out of the command.`,
    pointer: `line ${line}`,
  });
}

function take({ meaning }: CurlOption, name: string, value: string | undefined, request: OpenRequest): void {
  const { line, notes } = request;
  if (value === undefined) throw new AppError("unprocessable", `line ${line}: ${name} needs a value`);
  switch (meaning) {
    case "ignored":
      return;
    case "unsupported":
    case "config":
      notes.push({
        code: "option-not-supported",
        message: `${name} has no counterpart in a document and was left out; requests are sent without it.`,
        pointer: `line ${line}`,
      });
      return;
    case "url":
      request.urls.push(value);
      return;
    case "data":
    case "dataRaw":
    case "dataBinary":
    case "dataUrlencode":
    case "json":
      request.data.push({ meaning, value });
      return;
    case "form":
    case "formString":
      request.form.push({ isLiteral: meaning === "formString", value });
      return;
    default:
      request.options.set(meaning, [...(request.options.get(meaning) ?? []), value]);
  }
}
