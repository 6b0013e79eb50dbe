export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path without a `/` at its end; empty for the root. */
  readonly path: string;
}

/** Reads a baseUrl; otherwise the end of the sentence "The URL …" that says what is wrong with it. */
export function parseBaseUrl(text: string): BaseUrl | string {
  if (!URL.canParse(text)) return "cannot be read";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must begin with http:// or https://";
  if (url.username !== "" || url.password !== "") {
    return "holds a user name or password, which belongs into `headers` as `authorization: Basic …`";
  }
  if (url.search !== "" || url.hash !== "") return "has a `?` or `#` part; the first belongs into `query`";
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") };
}
