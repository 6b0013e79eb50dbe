import type { VariantFigures } from "../harness/rounds.ts";
import { median } from "../harness/statistics.ts";
import type { RowResult } from "./suite.ts";

/** The figures of one variant of a measurement. */
function figuresOf(all: readonly VariantFigures[], name: string): VariantFigures {
  const found = all.find((figures) => figures.name === name);
  if (found === undefined) throw new Error(`${name} was not measured.`);
  return found;
}

/** A reference with copies of itself: three processes of one program, told apart by name. */
export interface Reference {
  /** How rows call it. */
  readonly letter: string;
  readonly copies: readonly string[];
}

export interface RatioRowOptions {
  readonly name: string;
  readonly all: readonly VariantFigures[];
  readonly limit: number;
  readonly reference: Reference;
}

/** The row of a variant whose CPU time may be so many times that of the reference. */
export function ratioRow({ name, all, limit, reference }: RatioRowOptions): RowResult {
  const { ratio, cpuUs } = figuresOf(all, name);
  const { letter, copies } = reference;
  const bases = copies.map((copy) => figuresOf(all, copy));
  const baseUs = median(bases.map((base) => base.cpuUs.median));
  return {
    name,
    measured: `${ratio.median.toFixed(2)} ${letter}`,
    isOk: ratio.median <= limit,
    remark: `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}; ${us(cpuUs.median)}, ${letter} ${us(baseUs)}, ${noiseText(bases)}, ${crowdText(all)}`,
    figures: all,
  };
}

export interface PeerRowOptions {
  readonly name: string;
  readonly all: readonly VariantFigures[];
  /** The gateway may use at most one of so many parts of the peer's CPU time. */
  readonly share: number;
  /** The gateway's variant that does the same work. */
  readonly against: string;
}

/** The row of a peer, whose CPU time must be so many times the gateway's. */
export function peerRow({ name, all, share, against }: PeerRowOptions): RowResult {
  const peer = figuresOf(all, name);
  const gateway = figuresOf(all, against);
  const times = peer.ratio.median / gateway.ratio.median;
  return {
    name,
    measured: `1/${times.toFixed(1)}`,
    isOk: times >= share,
    remark: `peer ${peer.cpuUs.median.toFixed(0)} µs = ${peer.ratio.median.toFixed(1)} R, gateway ${gateway.cpuUs.median.toFixed(1)} µs`,
    figures: { peer, gateway },
  };
}

/** How far copies of the reference were from the middle one: a difference that means nothing. */
function noiseText(bases: readonly VariantFigures[]): string {
  const farthest = Math.max(...bases.map((base) => Math.abs(base.ratio.median - 1)));
  return `A/A ${(farthest * 100).toFixed(1)} %`;
}

/** How crowded the measured CPU was. */
function crowdText(all: readonly VariantFigures[]): string {
  const waiting = median(all.map((figures) => figures.waiting));
  return `waited ${(waiting * 100).toFixed(0)} %`;
}

function us(value: number): string {
  return `${value.toFixed(1)} µs`;
}
