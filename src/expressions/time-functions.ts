import type { Environment } from "@marcbachmann/cel-js";
import { durationText, timestampText } from "./cel-values.ts";
import { ExpressionFault } from "./fault.ts";

const synchronous = { async: false };
const timestamp = "google.protobuf.Timestamp";
const duration = "google.protobuf.Duration";
const maxKeptZones = 64;

/** Functions on timestamps that CEL lacks. Described in docs/expressions.md. */
export function registerTimeFunctions(environment: Environment): void {
  environment.registerFunction(`timestamp(double): ${timestamp}`, timestampOfSeconds, synchronous);
  environment.registerFunction(`string(${timestamp}): string`, timestampText, synchronous);
  environment.registerFunction(`string(${duration}): string`, durationText, synchronous);
  const format = createFormatter();
  environment.registerFunction(`${timestamp}.format(string): string`, format, synchronous);
  environment.registerFunction(`${timestamp}.format(string, string): string`, format, synchronous);
}

function timestampOfSeconds(seconds: number): Date {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new ExpressionFault("its timestamp is out of range");
  return date;
}

/** Replaces yyyy, MM, dd, HH, mm, ss and SSS of a pattern by their values in a time zone, UTC without one. */
function createFormatter(): (date: Date, pattern: string, timeZone?: string) => string {
  const zones = new Map<string, Intl.DateTimeFormat>();
  return (date, pattern, timeZone = "UTC") => {
    let zone = zones.get(timeZone);
    if (zone === undefined) {
      zone = openZone(timeZone);
      if (zones.size >= maxKeptZones) zones.clear();
      zones.set(timeZone, zone);
    }
    const fields = new Map<string, string>(zone.formatToParts(date).map(({ type, value }) => [type, value]));
    return pattern.replace(/yyyy|MM|dd|HH|mm|ss|SSS/g, (symbol) => fieldText(fields, symbol));
  };
}

function openZone(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionFault("the time zone for `format` is not known");
    throw error;
  }
}

function fieldText(fields: ReadonlyMap<string, string>, symbol: string): string {
  switch (symbol) {
    case "yyyy":
      return (fields.get("year") ?? "").padStart(4, "0");
    case "MM":
      return fields.get("month") ?? "";
    case "dd":
      return fields.get("day") ?? "";
    case "HH":
      return fields.get("hour") ?? "";
    case "mm":
      return fields.get("minute") ?? "";
    case "ss":
      return fields.get("second") ?? "";
    default:
      return fields.get("fractionalSecond") ?? "";
  }
}
