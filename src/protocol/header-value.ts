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
