/**
 * JSON text without line breaks: event streams and the pipes of children are framed by them, some readers
 * end lines at a lone carriage return too. JSON strings cannot hold them, so they only stand between
 * tokens, where a space means the same.
 */
export function oneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replaceAll(/[\r\n]/g, " ") : json;
}
