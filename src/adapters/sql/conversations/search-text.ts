import type { MessagePart } from "../../../core/message-part.ts";

/**
 * A text as it is compared: without case, accents and differences of width, spaces as one. What is looked for goes
 * through the same, so that `STRASSE` finds `Straße` and `cafe` finds `CAFÉ`; scripts without spaces are found by any
 * part of what is written.
 */
export function foldText(text: string): string {
  return cleanText(text)
    .normalize("NFKD")
    .replace(combiningMarks, "")
    .toLowerCase()
    .replace(/[ßæœøłđðþıς]/g, (letter) => folded[letter] ?? letter)
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim();
}

/** Accents of Latin, Greek and Cyrillic letters; marks of other scripts tell words apart and stay. */
const combiningMarks = /[\u0300-\u036f]/g;
/** Letters that no decomposition takes apart. */
const folded: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ς: "σ",
};

/** A text that every database keeps: without NUL and halves of characters. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** How much of a message is searched. What is longer is mostly the output of a tool or a file. */
const maxSearched = 16_000;
/** Folding makes few texts shorter; whatever lies beyond this is not worth folding. */
const maxFolded = 2 * maxSearched;

/** What a message is found by: its texts, and the names of tools, prompts, files and resources. */
export function searchTextOf(parts: readonly MessagePart[]): string {
  let text = "";
  for (const part of parts) {
    if (text.length > maxFolded) break;
    text += `${textOf(part).slice(0, maxFolded)}\n`;
  }
  return cleanText(foldText(text).slice(0, maxSearched));
}

function textOf(part: MessagePart): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "reasoning":
      return "";
    case "image":
    case "audio":
    case "file":
      return part.name ?? "";
    case "tool-call":
      return `${part.server ?? ""} ${part.tool}`;
    case "prompt":
      return `${part.server} ${part.prompt} ${part.text}`;
    case "resource":
      return `${part.server} ${part.uri} ${part.text ?? ""}`;
    default:
      return part satisfies never;
  }
}

const maxTerms = 10;

/** Words, and phrases in quotation marks, as they are compared. */
export function searchTermsOf(search: string): readonly string[] {
  const found = [...search.matchAll(/"([^"]+)"|[^\s"]+/g)].map(([word, phrase]) => foldText(phrase ?? word));
  return [...new Set(found)].filter((term) => term !== "").slice(0, maxTerms);
}

/** For `like … escape '!'`: the term somewhere, with `%` and `_` as themselves. */
export function patternOf(term: string): string {
  return `%${term.replace(/[!%_]/g, "!$&")}%`;
}
