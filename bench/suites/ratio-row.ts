import type { VariantFigures } from "../harness/rounds.ts";
import type { RowResult } from "./suite.ts";

/** The figures of one variant of a measurement. */
export function figuresOf(all: readonly VariantFigures[], name: string): VariantFigures {
  const found = all.find((figures) => figures.name === name);
  if (found === undefined) throw new Error(`${name} was not measured.`);
  return found;
}

export interface RatioRowOptions {
  readonly name: string;
  readonly all: readonly VariantFigures[];
  readonly limit: number;
  /** Letter of the reference, and the name of its first variant. */
  readonly reference: { readonly letter: string; readonly name: string };
}

/** The row of a variant whose CPU time may be so many times that of the reference. */
export function ratioRow({ name, all, limit, reference }: RatioRowOptions): RowResult {
  const { ratio, cpuUs } = figuresOf(all, name);
  const base = figuresOf(all, reference.name);
  return {
    name,
    measured: `${ratio.median.toFixed(2)} ${reference.letter}`,
    isOk: ratio.median <= limit,
    remark: `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}; ${us(cpuUs.median)}, ${reference.letter} ${us(base.cpuUs.median)}, ${noiseText(base)}`,
    figures: all,
  };
}

/** How far the copies of the reference were from each other: what a ratio of 1.00 looks like here. */
export function noiseText(base: VariantFigures): string {
  // The base of a round is the mean of the reference and its copy, so the distance is twice as far.
  const distance = Math.abs(base.ratio.median - 1) * 2;
  return `A/A ${(distance * 100).toFixed(1)} %`;
}

function us(value: number): string {
  return `${value.toFixed(1)} µs`;
}
