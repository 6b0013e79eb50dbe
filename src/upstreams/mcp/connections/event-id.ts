import { headerValue } from "../../http/wire-text.ts";

/** Ids are positions in a stream; what is longer than this is none that a header could carry. */
const longestId = 1_024;

const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * The id of an event as `Last-Event-ID` gives it back (HTML standard, 9.2.4: in UTF-8). Empty when a
 * header cannot hold it: then the stream cannot be read on from there.
 */
export function resumableId(id: string): string {
  return id.length > longestId || controlCharacter.test(id) ? "" : headerValue("last-event-id", id);
}
