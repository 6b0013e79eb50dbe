import { AppError } from "../../core/errors.ts";
import { decoded } from "./curl-path.ts";

/** A URL as people write it into commands: parts of it may still have to be filled in. */
export interface CurlUrl {
  /** `https://api.example.com:8443`, or `$BASE_URL`. */
  readonly origin: string;
  /** Of `https://user:password@host`. */
  readonly userInfo?: string;
  /** Begins with `/`; as it is written. */
  readonly path: string;
  /** Decoded names and values, in their order. */
  readonly query: readonly (readonly [string, string])[];
}

/** Reads the URL of a command; without a scheme it is http, as curl has it. Throws `unprocessable` with the line. */
export function readUrl(text: string, line: number): CurlUrl {
  const [whole = ""] = text.split("#", 1);
  const cut = whole.search(/\?/);
  const target = cut === -1 ? whole : whole.slice(0, cut);
  const query = cut === -1 ? "" : whole.slice(cut + 1);
  const variable = /^(\$\{\w+\}|\$\w+|\{\{\w+\}\})(\/.*)?$/.exec(target);
  if (variable !== null) return { origin: variable[1] ?? "", path: variable[2] ?? "/", query: readPairs(query) };
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^/@]*)@)?([^/]+)(\/.*)?$/.exec(target);
  const scheme = match?.[1]?.toLowerCase() ?? "http";
  if (match === null) throw new AppError("unprocessable", `line ${line}: the URL cannot be read`);
  if (scheme !== "http" && scheme !== "https") {
    throw new AppError("unprocessable", `line ${line}: only http: and https: can be called, not ${scheme}:`);
  }
  const origin = `${scheme}://${match[3] ?? ""}`;
  if (!URL.canParse(origin)) throw new AppError("unprocessable", `line ${line}: the URL cannot be read`);
  const userInfo = match[2];
  return {
    origin,
    ...(userInfo === undefined ? {} : { userInfo: decoded(userInfo) }),
    path: match[4] ?? "/",
    query: readPairs(query),
  };
}

/** The pairs of a query or of a form, decoded. */
export function readPairs(text: string): (readonly [string, string])[] {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? "" : pair.slice(equals + 1);
      return [decoded(name.replaceAll("+", " ")), decoded(value.replaceAll("+", " "))];
    });
}
