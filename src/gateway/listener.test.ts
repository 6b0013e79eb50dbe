import { afterEach, describe, expect, test } from "vitest";
import { openClient } from "../../test/fixtures/keep-alive-client.ts";
import { Listener } from "./listener.ts";

const open: Listener[] = [];

afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close(0);
});

async function listen(port = 0): Promise<Listener> {
  const listener = await Listener.open({
    host: "127.0.0.1",
    port,
    maxConnections: 10,
    onRequest: (_, response) => void response.end("answer"),
  });
  open.push(listener);
  return listener;
}

describe("an address", () => {
  test("that is taken is told with what to do", async () => {
    const { port } = await listen();
    await expect(listen(port)).rejects.toMatchObject({
      code: "invalid_configuration",
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --port.`,
    });
  });

  test("of another machine is told as such", async () => {
    const elsewhere = Listener.open({ host: "192.0.2.1", port: 0, maxConnections: 1, onRequest: () => undefined });
    await expect(elsewhere).rejects.toThrow("this machine has no such address");
  });
});

describe("a listener that stops accepting", () => {
  test("answers on connections that are open, and takes no new ones", async () => {
    const listener = await listen();
    const url = `http://127.0.0.1:${listener.port}/`;
    const [known, stranger] = [openClient(1), openClient(1)];
    expect((await known.send(url)).text).toBe("answer");
    listener.stopAccepting();
    expect((await known.send(url)).text).toBe("answer");
    await expect(stranger.send(url)).rejects.toThrow("ECONNREFUSED");
    expect(listener.connections).toBe(1);
    await listener.close(0);
    await listener.close(0);
    known.close();
    stranger.close();
  });
});
