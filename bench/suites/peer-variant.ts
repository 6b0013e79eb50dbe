import { once } from "node:events";
import { connect } from "node:net";
import { freePorts } from "../harness/gateway.ts";
import type { NpmPeer } from "../harness/npm-peers.ts";
import type { Variant } from "../harness/rounds.ts";
import type { Workshop } from "../harness/workshop.ts";
import { type Endpoint, type FleetVariantOptions, variant } from "./fleet-variant.ts";

const listensWithinMs = 20_000;
const retryMs = 50;

/**
 * Node closes idle connections after five seconds, which is less than a round of everybody's samples takes:
 * whatever listens in a peer keeps them, as all other programs under measurement do.
 */
const keepConnections = `data:text/javascript,${encodeURIComponent(
  'import { Server } from "node:http";' +
    "const { listen } = Server.prototype;" +
    "Server.prototype.listen = function (...args) { this.keepAliveTimeout = 600000; return listen.apply(this, args); };",
)}`;

/** A gateway from npm under load. `entry` is where its package begins. */
export function npmPeerVariant(peer: NpmPeer, entry: string, options: FleetVariantOptions): Variant {
  return variant(options, async () => startPeer(options.workshop, peer, entry));
}

async function startPeer(workshop: Workshop, peer: NpmPeer, entry: string): Promise<Endpoint> {
  const [port] = await freePorts();
  const child = await workshop.children.start({
    command: workshop.pinning.measured([
      process.execPath,
      "--import",
      keepConnections,
      ...workshop.profileFlags(peer),
      ...(await commandOf(workshop, peer, entry, String(port))),
    ]),
    // fastmcp ends with this process; the others are programs that know nothing of it.
    channel: peer === "fastmcp",
    isSilent: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("A process that was started has an id.");
  await awaitPort(port);
  return { pid, port, path: "/mcp", stop: () => workshop.children.stop(child) };
}

async function commandOf(workshop: Workshop, peer: NpmPeer, entry: string, port: string): Promise<readonly string[]> {
  const child = [process.execPath, workshop.programPath("mcp-child"), "1"];
  switch (peer) {
    case "mcp-proxy":
      return [entry, "--port", port, "--host", "127.0.0.1", "--server", "stream", "--", ...child];
    case "supergateway": {
      const transport = ["--outputTransport", "streamableHttp", "--stateful", "--logLevel", "none"];
      return [entry, "--stdio", child.join(" "), ...transport, "--port", port];
    }
    case "fastmcp": {
      const backend = await workshop.backend();
      return [workshop.programPath("fastmcp"), String(backend.port), port, entry];
    }
  }
}

/** Waits until somebody listens. */
async function awaitPort(port: number): Promise<void> {
  const until = performance.now() + listensWithinMs;
  for (;;) {
    const socket = connect({ host: "127.0.0.1", port });
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (performance.now() > until) throw new Error(`Nobody listened on ${port} within ${listensWithinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}
