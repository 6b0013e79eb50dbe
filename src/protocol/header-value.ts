const sentinelPrefix = "=?base64?";
const sentinelSuffix = "?=";
const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Decodes a mirrored header value (2026-07-28, transports, value encoding): plain visible ASCII, or
 * `=?base64?…?=` around the base64 of its UTF-8. Undefined when the base64 is broken.
 */
export function decodeHeaderValue(raw: string): string | undefined {
  const value = raw.trim();
  if (!value.startsWith(sentinelPrefix) || !value.endsWith(sentinelSuffix)) return value;
  const encoded = value.slice(sentinelPrefix.length, -sentinelSuffix.length);
  if (!base64Text.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined;
}

/** What a field value may hold as it is: visible ASCII, spaces and tabs, none of them at an end. */
const plainValue = /^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/;

/**
 * Encodes a value that is mirrored into a header (2026-07-28, transports, value encoding): as it is
 * when it is plain ASCII and does not look encoded, else as base64 between the marks.
 */
export function encodeHeaderValue(value: string): string {
  const looksEncoded = value.startsWith(sentinelPrefix) && value.endsWith(sentinelSuffix);
  if (!looksEncoded && plainValue.test(value)) return value;
  return `${sentinelPrefix}${Buffer.from(value, "utf8").toString("base64")}${sentinelSuffix}`;
}
