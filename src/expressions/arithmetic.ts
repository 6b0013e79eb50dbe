import { ExpressionFault } from "./fault.ts";
import { expressionLimits } from "./limits.ts";

const largestExact = 2n ** 64n;

export const arithmeticOperators = ["+", "-", "*", "/", "%"] as const;
export type ArithmeticOperator = (typeof arithmeticOperators)[number];

/**
 * Arithmetic of JSON numbers with each other and with integer literals. JSON has one kind of number,
 * so `args.n / 2` divides exactly; only integer by integer, as CEL has it, is not decided here.
 * Where doubles would round integers, they are computed as `bigint`.
 */
export function calculate(
  operator: ArithmeticOperator,
  left: number | bigint,
  right: number | bigint,
): number | bigint {
  const a = Number(left);
  const b = Number(right);
  if (operator === "/") {
    if (b === 0) throw new ExpressionFault("it divides by zero");
    return isExact(left, a) && isExact(right, b) ? a / b : divideExactly(left, right, a / b);
  }
  if (operator === "%" && b === 0) throw new ExpressionFault("it divides by zero");
  const result = calculateDoubles(operator, a, b);
  if (Number.isSafeInteger(result) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return result;
  if (!isInteger(left) || !isInteger(right)) return result;
  return calculateIntegers(operator, BigInt(left), BigInt(right));
}

/** Refuses what an addition built when it is too large: repeated doubling would fill the memory. */
export function boundedSum(sum: unknown): unknown {
  if (typeof sum === "string" && sum.length > expressionLimits.textLength) {
    throw new ExpressionFault("it builds a text that is too long");
  }
  if (Array.isArray(sum) && sum.length > expressionLimits.listLength) {
    throw new ExpressionFault("it builds a list that is too long");
  }
  return sum;
}

/** Integers of more than 64 bits are computed as doubles: exact products could grow without bound. */
function isInteger(value: number | bigint): boolean {
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  return isWhole && value <= largestExact && value >= -largestExact;
}

function isExact(value: number | bigint, double: number): boolean {
  return typeof value === "number" || Number.isSafeInteger(double);
}

function divideExactly(left: number | bigint, right: number | bigint, quotient: number): number | bigint {
  if (!isInteger(left) || !isInteger(right)) return quotient;
  const a = BigInt(left);
  const b = BigInt(right);
  return a % b === 0n ? a / b : quotient;
}

function calculateDoubles(operator: "+" | "-" | "*" | "%", a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "%":
      return a % b;
  }
}

function calculateIntegers(operator: "+" | "-" | "*" | "%", a: bigint, b: bigint): bigint {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "%":
      return a % b;
  }
}
