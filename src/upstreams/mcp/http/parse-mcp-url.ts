/** Reads the URL of an MCP server; otherwise the end of the sentence "The URL …" that says what is wrong with it. */
export function parseMcpUrl(text: string): URL | string {
  if (!URL.canParse(text)) return "cannot be read";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must begin with http:// or https://";
  if (url.username !== "" || url.password !== "") {
    return "holds a user name or password, which belongs into `headers` as `authorization: Basic …`";
  }
  if (url.hash !== "") return "has a `#` part, which is never sent";
  return url;
}
