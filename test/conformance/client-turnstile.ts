import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Lets clients work a few at a time: the suite starts all of them at once and judges some by the clock. */
export interface Turnstile {
  /** Where clients wait; a port of this machine. */
  readonly port: number;
  /** May be called twice. */
  close(): Promise<void>;
}

export async function openTurnstile(slots: number): Promise<Turnstile> {
  const waiting: Socket[] = [];
  const inside = new Set<Socket>();
  const admit = (): void => {
    while (inside.size < slots) {
      const next = waiting.shift();
      if (next === undefined) return;
      inside.add(next);
      next.write("go");
    }
  };
  const server = createServer((socket) => {
    waiting.push(socket);
    // A client that the suite gave up resets its connection.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      inside.delete(socket);
      if (waiting.includes(socket)) waiting.splice(waiting.indexOf(socket), 1);
      admit();
    });
    socket.resume();
    admit();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // A TCP server that listens has an address of this form.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      if (!server.listening) return;
      server.close();
      for (const socket of [...waiting, ...inside]) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Waits for a turn; the function that it resolves with ends it. */
export async function takeTurn(port: number): Promise<() => void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "data");
  return () => socket.destroy();
}
