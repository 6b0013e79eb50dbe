import { measureRounds, type Variant } from "../harness/rounds.ts";
import type { LoadProcess } from "../load/load-process.ts";
import type { Dialect } from "../work.ts";
import { type FleetVariantOptions, gatewayVariant, programVariant } from "./fleet-variant.ts";
import { peerRow, ratioRow } from "./ratio-row.ts";
import type { Bench, Suite } from "./suite.ts";

const reference = { letter: "R", copies: ["R", "R copy", "R third"] } as const;

const callRows = [
  { name: "calls-2025", work: "tools/call, 2025-11-25 session, JSON answer", factor: 1.25, dialect: "legacy" },
  { name: "calls-2026", work: "tools/call, 2026-07-28", factor: 1.3, dialect: "modern" },
  { name: "calls-sse", work: "tools/call over /message and /sse", factor: 1.6, dialect: "sse" },
] as const;

const peerRows = [
  { name: "sdk-v1", work: "tools/call against the official SDK v1, stateful JSON" },
  { name: "sdk-v2", work: "tools/call against the official SDK v2, stateful JSON" },
] as const;

/** The gateway may use at most one of so many parts of a peer's CPU time. */
const peerShare = 4.5;

/** `tools/call` of a REST tool against the bare proxy R and against the official SDKs. */
export const toolCalls: Suite = {
  rows: [
    ...callRows.map(({ name, work, factor }) => ({ name, work, limit: `<= ${factor} R` })),
    ...peerRows.map(({ name, work }) => ({ name, work, limit: `<= 1/${peerShare}` })),
  ],
  measure: async (bench, wanted) => {
    const load = await bench.workshop.startLoad();
    try {
      const all = await measureRounds({
        plan: bench.plan,
        base: reference.copies.map((name) => programVariant("proxy", options(bench, load, name, "bare"))),
        variants: variantsFor(bench, load, wanted),
        random: bench.random,
        onStep: bench.onStep,
      });
      return [
        ...callRows
          .filter(({ name }) => wanted.has(name))
          .map(({ name, factor }) => ratioRow({ name, all, limit: factor, reference })),
        ...peerRows
          .filter(({ name }) => wanted.has(name))
          .map(({ name }) => peerRow({ name, all, share: peerShare, against: callRows[0].name })),
      ];
    } finally {
      await load.stop();
    }
  },
};

function variantsFor(bench: Bench, load: LoadProcess, wanted: ReadonlySet<string>): Variant[] {
  const peers = peerRows.filter(({ name }) => wanted.has(name));
  // The peers are compared with the first call row, which is then needed even when nobody asked for it.
  const calls = callRows.filter(({ name }, index) => wanted.has(name) || (index === 0 && peers.length > 0));
  return [
    ...calls.map(({ name, dialect }) => gatewayVariant(2, options(bench, load, name, dialect))),
    ...peers.map(({ name }) => programVariant(name, options(bench, load, name, "legacy"))),
  ];
}

function options(bench: Bench, load: LoadProcess, name: string, dialect: Dialect): FleetVariantOptions {
  return { name, workshop: bench.workshop, load, dialect, work: "call" };
}
