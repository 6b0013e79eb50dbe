import type { Environment } from "@marcbachmann/cel-js";
import { textOfNumber } from "./value-text.ts";
import { ExpressionFault } from "./fault.ts";

const synchronous = { async: false };

/** Rounding, which CEL lacks. Described in docs/expressions.md. */
export function registerNumberFunctions(environment: Environment): void {
  environment.registerFunction("round(double): double", roundHalfAway, synchronous);
  environment.registerFunction("floor(double): double", Math.floor, synchronous);
  environment.registerFunction("ceil(double): double", Math.ceil, synchronous);
  environment.registerFunction("abs(double): double", Math.abs, synchronous);
  for (const name of ["round", "floor", "ceil"]) {
    environment.registerFunction(`${name}(int): int`, (integer: bigint) => integer, synchronous);
  }
  environment.registerFunction("abs(int): int", (integer: bigint) => (integer < 0n ? -integer : integer), synchronous);
  environment.registerFunction("digits(double, int): string", digits, synchronous);
  environment.registerFunction("digits(int, int): string", digits, synchronous);
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** A number with a fixed count of decimal places, such as a price. */
function digits(value: number | bigint, places: bigint): string {
  if (places < 0n || places > 20n) throw new ExpressionFault("`digits` takes 0 to 20 decimal places");
  if (typeof value === "number" && Math.abs(value) < 1e21) return value.toFixed(Number(places));
  const whole = typeof value === "number" ? textOfNumber(value) : value.toString();
  return places === 0n ? whole : `${whole}.${"0".repeat(Number(places))}`;
}
