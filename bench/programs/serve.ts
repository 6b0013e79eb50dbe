import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReadyMessage } from "../harness/calls.ts";

/**
 * Listens on a free loopback port, tells the parent which, and ends with the parent: the channel
 * closes when the parent dies, however it dies.
 */
export function serve(server: Server): void {
  // As many idle sockets as a benchmark needs, for as long as it takes.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", 4_096, () => {
    // A TCP server's address is an AddressInfo once it listens.
    const { port } = server.address() as AddressInfo;
    process.send?.({ listening: port } satisfies ReadyMessage);
  });
  process.once("disconnect", () => process.exit(0));
  // An orderly exit, so that a CPU profile is written when one is taken.
  process.once("SIGTERM", () => process.exit(0));
}
