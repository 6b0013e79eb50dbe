import { measureRounds } from "../harness/rounds.ts";
import type { Work } from "../work.ts";
import { type FleetVariantOptions, gatewayVariant, programVariant } from "./fleet-variant.ts";
import { proxyVariant } from "./proxy-variant.ts";
import { ratioRow } from "./ratio-row.ts";
import type { Suite } from "./suite.ts";

const reference = { letter: "E", copies: ["E", "E copy", "E third"] } as const;

const rows = [
  { name: "ping", text: "ping", factor: 1.05, work: "ping", tools: 2 },
  { name: "list-20", text: "tools/list, 20 tools", factor: 1.1, work: "list", tools: 20 },
  { name: "list-200", text: "tools/list, 200 tools", factor: 1.5, work: "list", tools: 200 },
] as const;

const proxiedRow = { name: "list-proxied", text: "tools/list, 200 tools of an MCP upstream", factor: 1.5 } as const;
const proxiedTools = 200;

/** What the gateway answers by itself, against the bare echo E that answers a small object. */
export const insideAnswers: Suite = {
  rows: [...rows, proxiedRow].map(({ name, text, factor }) => ({ name, work: text, limit: `<= ${factor} E` })),
  measure: async (bench, wanted) => {
    const load = await bench.workshop.startLoad();
    const options = (name: string, work: Work): FleetVariantOptions => {
      const dialect = name.startsWith("E") ? "bare" : "legacy";
      return { name, workshop: bench.workshop, load, dialect, work };
    };
    const asked = [...rows, proxiedRow].filter(({ name }) => wanted.has(name));
    const own = rows.filter(({ name }) => wanted.has(name));
    try {
      const all = await measureRounds({
        plan: bench.plan,
        base: reference.copies.map((name) => programVariant("echo", options(name, "ping"))),
        variants: [
          ...own.map(({ name, work, tools }) => gatewayVariant(tools, options(name, work))),
          ...(wanted.has(proxiedRow.name)
            ? [proxyVariant({ kind: "http", era: "legacy", tools: proxiedTools }, options(proxiedRow.name, "list"))]
            : []),
        ],
        random: bench.random,
        onStep: bench.onStep,
      });
      return asked.map(({ name, factor }) => ratioRow({ name, all, limit: factor, reference }));
    } finally {
      await load.stop();
    }
  },
};
