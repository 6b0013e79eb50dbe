import type { JsonObject } from "../../core/json.ts";
import { encodeHeaderValue } from "../../protocol/header-value.ts";
import { argumentHeaderPrefix, mirroredText } from "../../protocol/modern-request.ts";
import type { ProxiedTool } from "../catalogue/server-view.ts";
import type { Exchange } from "../exchange.ts";

const none: readonly string[] = [];

/**
 * The `Mcp-Param-*` headers of a call: those of the tool's schema from the arguments, defaults included,
 * and those that a client of 2026-07-28 sends beyond them (RFC 9110, 7.3: unknown fields are forwarded).
 */
export function mirroredHeaders(
  { envelope, headers }: Exchange,
  { mirrored }: ProxiedTool,
  args: JsonObject,
): readonly string[] {
  let written: string[] | undefined;
  for (const argument of mirrored) {
    const text = mirroredText(argument, args);
    if (text !== undefined) (written ??= []).push(argument.header, encodeHeaderValue(text));
  }
  if (envelope === undefined) return written ?? none;
  for (const name in headers) {
    if (!name.startsWith(argumentHeaderPrefix) || mirrored.some(({ header }) => header === name)) continue;
    const value = headers[name];
    if (typeof value === "string") (written ??= []).push(name, value);
  }
  return written ?? none;
}
