import { AppError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { stringifyJson } from "../../core/lossless-json.ts";

/** Names of HTTP headers (RFC 9110, 5.6.2). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What no header value may hold: it would end the header and begin another (RFC 9110, 5.5). */
const controlCharacter = /[\u0000-\u0008\u000a-\u001f\u007f]/;

const beyondAscii = /[^\t\u0020-\u007e]/;

/** Characters that a cookie value may not hold (RFC 6265, 4.1.1), control characters apart. */
const notCookieOctet = /[^\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]/gu;

/** Whether a text can be the name of a header. */
export function isHeaderName(name: string): boolean {
  return token.test(name);
}

/**
 * A header value as it goes on the wire: text beyond ASCII becomes its UTF-8 bytes.
 * Fails with `AppError("invalid_params")` on line breaks and other control characters.
 */
export function headerValue(name: string, value: string): string {
  if (!beyondAscii.test(value)) return value;
  if (controlCharacter.test(value)) {
    throw new AppError(
      "invalid_params",
      `The value for the header \`${name}\` holds a line break or another control character.`,
    );
  }
  return Buffer.from(value, "utf8").toString("latin1");
}

/** `name=value` of a cookie; what a cookie cannot hold is percent-encoded. Fails as `headerValue` does. */
export function cookiePair(name: string, value: string): string {
  headerValue(`cookie ${name}`, value);
  return `${name}=${value.replace(notCookieOctet, (character) => percentEncode(character))}`;
}

/**
 * Percent-encodes everything but unreserved characters.
 * Fails with `AppError("invalid_params")` on a lone surrogate, which has no UTF-8 form.
 */
export function percentEncode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw new AppError("invalid_params", "A value holds half of a Unicode surrogate pair and cannot be sent.", {
      cause,
    });
  }
}

/** A value inside a text: strings as they are, everything else as JSON. */
export function plainText(value: JsonValue): string {
  return typeof value === "string" ? value : stringifyJson(value);
}
