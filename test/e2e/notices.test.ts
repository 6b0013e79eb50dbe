import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KeyRing } from "../../src/access/key-ring.ts";
import { EnvironmentSecrets } from "../../src/adapters/env/secret-source.ts";
import { PushAnnouncer } from "../../src/adapters/http/push-announcer.ts";
import { PushReceiver } from "../../src/adapters/http/push-receiver.ts";
import { MemoryPinStore } from "../../src/adapters/memory/memory-pin-store.ts";
import { YamlConfigReader } from "../../src/adapters/yaml/yaml-config-reader.ts";
import { silentLog } from "../../src/core/log.ts";
import { noticeHeaders, signNotice } from "../../src/core/notice-signature.ts";
import { type RunningGateway, runGateway } from "../../src/gateway/run-gateway.ts";
import { openTelemetry } from "../../src/telemetry.ts";
import { echoDocument } from "../fixtures/echo-document.ts";
import { RawSocket } from "../fixtures/raw-socket.ts";
import { send } from "../fixtures/raw-http.ts";
import { until } from "../fixtures/resources.ts";
import { createDocumentFolder, type DocumentFolder } from "../fixtures/served-folder.ts";

const token = "a token that apiserver and gateways share";

let folder: DocumentFolder;
let reads = 0;

beforeAll(async () => {
  folder = await createDocumentFolder({ "echo.json": echoDocument("http://127.0.0.1:9") });
});

afterAll(() => folder.close());

function startGateway(receiver?: PushReceiver): Promise<RunningGateway> {
  const files = new YamlConfigReader([folder.path]);
  reads = 0;
  return runGateway({
    host: "127.0.0.1",
    port: 0,
    opsHost: "127.0.0.1",
    opsPort: 0,
    publicUrl: undefined,
    allowedHosts: [],
    maxConnections: 100,
    drainMs: 1_000,
    accessLog: { level: "off", sampleRate: 1 },
    keys: new KeyRing([]),
    reader: {
      read: (onDocument) => {
        reads++;
        return files.read(onDocument);
      },
    },
    notifiers: receiver === undefined ? [] : [receiver],
    receiveNotice: receiver === undefined ? undefined : (headers, body) => receiver.receive(headers, body),
    secrets: new EnvironmentSecrets({ environment: {} }),
    pins: new MemoryPinStore(),
    telemetry: openTelemetry({ level: "silent", format: "json", fileDescriptor: 1 }),
    version: "0.0.0",
  });
}

function signed(body: string, id: string): Record<string, string> {
  const notice = { id, timestamp: String(Math.floor(Date.now() / 1_000)), body };
  return {
    [noticeHeaders.id]: notice.id,
    [noticeHeaders.timestamp]: notice.timestamp,
    [noticeHeaders.signature]: signNotice(token, notice),
  };
}

describe("a gateway that takes notices", () => {
  let gateway: RunningGateway;
  let notify: string;

  beforeEach(async () => {
    gateway = await startGateway(new PushReceiver({ token, clock: Date.now }));
    notify = `${gateway.opsUrl}/notify`;
  });

  afterEach(() => gateway.close());

  const servers = (): string[] =>
    (gateway.status()["servers"] as { server: string }[]).map(({ server }) => server).toSorted(); // as `status` makes it

  test("serves what was saved once it is told, and what comes in a burst", async () => {
    const announcer = new PushAnnouncer({
      gateways: [String(gateway.opsUrl)],
      token,
      log: silentLog,
      clock: Date.now,
    });
    for (let i = 1; i <= 3; i++) {
      await folder.write(
        `more${i}.json`,
        echoDocument("http://127.0.0.1:9", { name: `more${i}`, routes: [{ prefix: `/more${i}` }] }),
      );
      void announcer.announce("documents");
    }
    await announcer.announce("documents");
    await until(async () => servers().length === 4, "every document is served");
    for (let i = 1; i <= 3; i++) await folder.remove(`more${i}.json`);
    await announcer.announce("documents");
    await until(async () => servers().length === 1, "only the first document is served");
    await announcer.close();
  });

  test("takes a signed one once", async () => {
    const headers = signed("{}", "0123456789abcdef");
    expect(await send(notify, { method: "POST", headers, body: "{}" })).toMatchObject({ status: 204, text: "" });
    const again = await send(notify, { method: "POST", headers, body: "{}" });
    expect(again.status).toBe(401);
    expect(again.json()).toStrictEqual({ error: "Refused: this notice came before." });
  });

  test("refuses what is not signed, and reads nothing for it", async () => {
    const forged = { ...signed("{}", "0123456789abcdef"), [noticeHeaders.signature]: "v1,AAAA" };
    expect((await send(notify, { method: "POST", headers: forged, body: "{}" })).status).toBe(401);
    expect(
      (await send(notify, { method: "POST", headers: signed("{}", "abcdefabcdefabcdef"), body: "[]" })).status,
    ).toBe(401);
    expect((await send(notify, { method: "POST" })).status).toBe(401);
    // A reload that was asked for would have begun before this one.
    await gateway.reload();
    expect(reads).toBe(2);
  });

  test("bounds the body, announced or not", async () => {
    const large = "x".repeat(4_097);
    const announced = await send(notify, { method: "POST", headers: signed(large, "0123456789abcdef"), body: large });
    expect(announced.status).toBe(413);
    const socket = await RawSocket.open(notify);
    const piece = `1388\r\n${"x".repeat(5_000)}\r\n`;
    socket.write(
      `POST /notify HTTP/1.1\r\nHost: ${new URL(notify).host}\r\nTransfer-Encoding: chunked\r\n\r\n${piece}`,
    );
    expect((await socket.answer())?.status).toBe(413);
    socket.destroy();
  });

  test("answers other methods with 405 there, and GET alone elsewhere", async () => {
    const there = await send(notify);
    expect([there.status, there.headers["allow"]]).toStrictEqual([405, "POST"]);
    const elsewhere = await send(`${gateway.opsUrl}/status`, { method: "POST" });
    expect([elsewhere.status, elsewhere.headers["allow"]]).toStrictEqual([405, "GET, HEAD"]);
    expect((await send(`${gateway.url}/notify`, { method: "POST" })).status).toBe(404);
  });
});

test("a gateway without a token has no such address", async () => {
  const gateway = await startGateway();
  const headers = signed("{}", "0123456789abcdef");
  const answer = await send(`${gateway.opsUrl}/notify`, { method: "POST", headers, body: "{}" });
  expect(answer.status).toBe(404);
  expect(answer.text).toContain("--gateway-token");
  await gateway.close();
});
