import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConformanceSite, openConformanceSite } from "../fixtures/conformance-site.ts";
import { type GatewayProcess, startGatewayProcess } from "../fixtures/gateway-process.ts";
import { openSession } from "../fixtures/legacy-session.ts";
import { modernRequest } from "../fixtures/modern-request.ts";
import { openEvents, send } from "../fixtures/raw-http.ts";

let site: ConformanceSite;
let gateway: GatewayProcess;

beforeEach(async () => {
  site = await openConformanceSite();
  gateway = await startGatewayProcess(site.directory, "tested");
});

afterEach(async () => {
  await gateway.close();
  await site.close();
});

const url = (): string => `${gateway.url}/conformance/mcp`;
const heldCall = modernRequest("tools/call", { params: { name: "test_held_job" }, meta: { progressToken: 1 } });

describe("SIGTERM", () => {
  it("lets a running call finish, refuses new connections and ends with 0", async () => {
    const call = await openEvents(url(), heldCall);
    await call.message();
    gateway.child.kill("SIGTERM");
    await refusal();
    site.backend.release();
    expect(await call.message()).toMatchObject({ result: { content: [{ text: "The held job was released." }] } });
    expect(await gateway.ended).toBe(0);
  });

  it("ends streams that only listen", async () => {
    const session = await openSession(url(), "2025-11-25");
    const stream = await session.listen();
    const subscription = await openEvents(
      url(),
      modernRequest("subscriptions/listen", { id: "s", params: { notifications: { toolsListChanged: true } } }),
    );
    await subscription.message();
    gateway.child.kill("SIGTERM");
    expect(await subscription.message()).toMatchObject({ id: "s", result: { resultType: "complete" } });
    expect(await subscription.next()).toBeUndefined();
    while ((await stream.next()) !== undefined);
    expect(await gateway.ended).toBe(0);
  });

  it("given twice, ends it at once although a call runs", async () => {
    const call = await openEvents(url(), heldCall);
    await call.message();
    gateway.child.kill("SIGTERM");
    await refusal();
    gateway.child.kill("SIGTERM");
    expect(await gateway.ended).not.toBe("SIGKILL");
  });

  /** Resolves when the gateway takes no new connections any more. */
  async function refusal(): Promise<void> {
    for (;;) {
      const isRefused = await send(url(), modernRequest("server/discover")).then(
        (answer) => answer.status === 503,
        () => true,
      );
      if (isRefused) return;
    }
  }
});

describe("a changed document", () => {
  it("is served after SIGHUP", async () => {
    const session = await openSession(url(), "2025-11-25");
    const stream = await session.listen();
    await site.toggle("tools");
    gateway.child.kill("SIGHUP");
    expect(await stream.message()).toMatchObject({ method: "notifications/tools/list_changed" });
    const list = await session.post({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    expect(list.text).toContain("test_published_tool");
    await session.end();
  });

  it("is served on save, without a signal", async () => {
    const session = await openSession(url(), "2025-11-25");
    const stream = await session.listen();
    await site.toggle("prompts");
    expect(await stream.message()).toMatchObject({ method: "notifications/prompts/list_changed" });
    await session.end();
  });

  it("is served to calls that begin after it, while those before it finish", async () => {
    const call = await openEvents(url(), heldCall);
    await call.message();
    const session = await openSession(url(), "2025-11-25");
    const stream = await session.listen();
    await site.toggle("tools");
    await stream.message();
    const published = await send(url(), modernRequest("tools/call", { params: { name: "test_published_tool" } }));
    expect(published.text).toContain("simple text response");
    site.backend.release();
    expect(await call.message()).toMatchObject({ result: { content: [{ text: "The held job was released." }] } });
    await session.end();
  });
});

describe("the process", () => {
  it("ends when its client hangs up in the middle and it is told to", async () => {
    const aborted = once(site.backend.events, "aborted");
    const call = await openEvents(url(), heldCall);
    await call.message();
    call.close();
    await aborted;
    gateway.child.kill("SIGTERM");
    expect(await gateway.ended).toBe(0);
  });
});
