import { stripVTControlCharacters } from "node:util";

/** Bytes of a child as one line for the log: without colours and whatever else steers a terminal. */
export function readableLine(bytes: Buffer, maxBytes: number): string {
  const text = stripVTControlCharacters(bytes.toString("utf8", 0, maxBytes));
  return `${text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim()}${bytes.length > maxBytes ? "…" : ""}`;
}
