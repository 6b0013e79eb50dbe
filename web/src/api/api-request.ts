/** The parts of a call, before their types are lost on the wire. */
export interface CallParts {
  readonly path?: Readonly<Record<string, PlainValue>> | undefined;
  readonly query?: Readonly<Record<string, PlainValue>> | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

type PlainValue = string | number | boolean | undefined;

/** Path and query of a call; each value is percent-encoded, what is undefined is left out. */
export function addressOf(template: string, { path = {}, query = {} }: CallParts): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** Names are given in lower case to whoever adds more. */
export function headersOf({ headers = {}, body }: CallParts): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, value);
  if (body !== undefined) all.set("content-type", "application/json");
  return all;
}

/** The ETag of a version, as `If-Match` wants it. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that are served over plain HTTP from another machine. */
export function makeIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
