import type { ProgramName } from "../harness/build-programs.ts";
import type { Variant } from "../harness/rounds.ts";
import type { Workshop } from "../harness/workshop.ts";
import type { LoadProcess } from "../load/load-process.ts";
import type { Dialect, Work } from "../work.ts";
import { onePrefix, startOneServer } from "./one-server.ts";

export interface FleetVariantOptions {
  readonly name: string;
  readonly workshop: Workshop;
  readonly load: LoadProcess;
  readonly dialect: Dialect;
  readonly work: Work;
}

/** Connections that are kept to each process. */
const clients = 64;
let fleets = 0;

/** A running server under measurement. */
export interface Endpoint {
  readonly pid: number;
  readonly port: number;
  /** URL path of its endpoint; the one of `onePrefix` without it. */
  readonly path?: string;
  stop(): Promise<void>;
}

/** One of the benchmark's own server programs under load. */
export function programVariant(program: ProgramName, options: FleetVariantOptions): Variant {
  return variant(options, async () => {
    const backend = await options.workshop.backend();
    return options.workshop.serve(program, { role: "measured", args: [String(backend.port)] });
  });
}

/** The gateway under load, serving one document with so many tools. */
export function gatewayVariant(tools: number, options: FleetVariantOptions): Variant {
  return variant(options, () => startOneServer(options.workshop, { folder: options.name, tools }));
}

/** Whatever `start` starts, under load. */
export function variant(options: FleetVariantOptions, start: () => Promise<Endpoint>): Variant {
  const { name, load, dialect, work } = options;
  return {
    name,
    start: async () => {
      const endpoint = await start();
      const fleet = `${name}-${++fleets}`;
      const path = endpoint.path ?? (dialect === "sse" ? onePrefix : `${onePrefix}/mcp`);
      try {
        await load.ask("openFleet", { name: fleet, options: { port: endpoint.port, path, dialect, work, clients } });
      } catch (error) {
        await endpoint.stop();
        throw error;
      }
      return {
        pid: endpoint.pid,
        drive: (requests) => load.ask("drive", { name: fleet, requests }),
        stop: async () => {
          await load.ask("closeFleet", { name: fleet });
          await endpoint.stop();
        },
      };
    },
  };
}
