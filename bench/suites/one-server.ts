import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentText } from "../documents.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import type { Workshop } from "../harness/workshop.ts";

/** URL prefix of the server that `startOneServer` configures. */
export const onePrefix = "/bench";

export interface OneServerOptions {
  /** Folder for its configuration, below the workshop's. */
  readonly folder: string;
  readonly tools: number;
}

/** A gateway, pinned, that serves one document with so many tools. */
export async function startOneServer(workshop: Workshop, options: OneServerOptions): Promise<Gateway> {
  const { port } = await workshop.backend();
  const folder = join(workshop.folder, options.folder);
  await mkdir(folder, { recursive: true });
  const config = join(folder, "bench.yaml");
  await writeFile(config, documentText({ name: onePrefix.slice(1), backendPort: port, tools: options.tools }));
  return startGateway(workshop, { config });
}
