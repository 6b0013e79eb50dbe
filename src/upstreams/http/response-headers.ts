/** Headers as undici gives them: lower-case names, a list when a header came more than once. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** One header; several lines of it joined as RFC 9110, 5.3 says. `undefined` when it is absent. */
export function header(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value.join(", ") : value;
}
