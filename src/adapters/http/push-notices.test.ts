import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LogFields, silentLog } from "../../core/log.ts";
import { type Notice, noticeHeaders, signNotice } from "../../core/notice-signature.ts";
import { PushAnnouncer } from "./push-announcer.ts";
import { PushReceiver } from "./push-receiver.ts";

const token = "a token that apiserver and gateways share";
let now = 1_800_000_000_000;

function notice(given: Partial<Notice> = {}): Notice {
  return { id: "0123456789abcdef", timestamp: String(now / 1_000), body: '{"topics":["documents"]}', ...given };
}

function headersOf(sent: Notice, signature = signNotice(token, sent)): Record<string, string> {
  return {
    [noticeHeaders.id]: sent.id,
    [noticeHeaders.timestamp]: sent.timestamp,
    [noticeHeaders.signature]: signature,
  };
}

test("the signature is HMAC-SHA256 of id, time and body, as openssl makes it", () => {
  now = 1_800_000_000_000;
  expect(signNotice(token, notice())).toBe("v1,0tqfM2jIqudK+nof+AsoIgcvUgZTVq0Z0mhp8Prcxyc=");
});

describe("a receiver of notices", () => {
  let receiver: PushReceiver;
  let hints: number;

  beforeEach(() => {
    now = 1_800_000_000_000;
    hints = 0;
    receiver = new PushReceiver({ token, clock: () => now, maxIds: 5 });
    receiver.start(() => hints++);
  });

  test("makes a hint of a signed one", () => {
    const sent = notice();
    expect(receiver.receive(headersOf(sent), sent.body)).toStrictEqual({ kind: "taken" });
    expect(hints).toBe(1);
  });

  const sent = notice();
  const refusals: [string, () => Record<string, string | string[]>, string, RegExp][] = [
    ["without headers", () => ({}), sent.body, /has the headers/],
    [
      "with a header twice",
      () => ({ ...headersOf(sent), [noticeHeaders.id]: [sent.id, sent.id] }),
      sent.body,
      /headers/,
    ],
    ["signed with another token", () => headersOf(sent, signNotice(`${token}2`, sent)), sent.body, /signature/],
    ["with another body", () => headersOf(sent), `${sent.body} `, /signature/],
    [
      "with another time",
      () => ({ ...headersOf(sent), [noticeHeaders.timestamp]: "1800000001" }),
      sent.body,
      /signature/,
    ],
    ["with another id", () => ({ ...headersOf(sent), [noticeHeaders.id]: "fedcba9876543210" }), sent.body, /signature/],
    ["with an empty signature", () => headersOf(sent, ""), sent.body, /signature/],
    ["with a cut signature", () => headersOf(sent, signNotice(token, sent).slice(0, -1)), sent.body, /signature/],
    ["with a long signature", () => headersOf(sent, "v1,".padEnd(10_000, "A")), sent.body, /signature/],
    ["with a short id", () => headersOf(notice({ id: "a" })), sent.body, /malformed/],
    ["with a huge id", () => headersOf(notice({ id: "a".repeat(10_000) })), sent.body, /malformed/],
    ["with an odd time", () => headersOf(notice({ timestamp: "1.8e9" })), sent.body, /malformed/],
    ["301 s old", () => headersOf(notice({ timestamp: "1799999699" })), sent.body, /301 s away/],
    ["301 s ahead", () => headersOf(notice({ timestamp: "1800000301" })), sent.body, /-301 s away/],
  ];

  test.each(refusals)("refuses one %s", (_name, headers, body, reason) => {
    expect(receiver.receive(headers(), body)).toStrictEqual({ kind: "refused", reason: expect.stringMatching(reason) });
    expect(hints).toBe(0);
  });

  test("takes each once, whatever came in between and however late it comes again", () => {
    const first = notice();
    receiver.receive(headersOf(first), first.body);
    for (let i = 0; i < 20; i++) {
      now += 10_000;
      const next = notice({ id: `0123456789abcdef${i}` });
      expect(receiver.receive(headersOf(next), next.body)).toStrictEqual({ kind: "taken" });
      expect(receiver.receive(headersOf(first), first.body)).toMatchObject({ kind: "refused" });
    }
    now += 1_000_000;
    expect(receiver.receive(headersOf(first), first.body)).toMatchObject({ kind: "refused" });
    expect(hints).toBe(21);
  });

  test("keeps a notice that comes before it is started, as one hint", () => {
    const early = new PushReceiver({ token, clock: () => now });
    for (const id of ["0123456789abcdef", "0123456789abcdeg"]) {
      const sent = notice({ id });
      expect(early.receive(headersOf(sent), sent.body)).toStrictEqual({ kind: "taken" });
    }
    let heard = 0;
    early.start(() => heard++);
    expect(heard).toBe(1);
  });
});

describe("an announcer over HTTP", () => {
  const servers: (Server | TcpServer)[] = [];
  const sockets = new Set<Socket>();
  const warnings: (LogFields | undefined)[] = [];
  const log = { ...silentLog, warn: (_event: string, fields?: LogFields) => void warnings.push(fields) };
  let announcer: PushAnnouncer;

  afterEach(async () => {
    await announcer.close();
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, "close");
    }
    warnings.length = 0;
  });

  async function listen(server: Server | TcpServer): Promise<string> {
    servers.push(server);
    server.on("connection", (socket: Socket) => sockets.add(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has an AddressInfo
  }

  test("tells the others at once though one accepts and never answers, and says so once a minute", async () => {
    const silent = await listen(createTcpServer());
    const endless = await listen(
      createServer((_request, response) => {
        response.writeHead(204).flushHeaders();
      }),
    );
    let told = 0;
    const tellings = new Map<number, () => void>();
    const good = await listen(
      createServer((request, response) => {
        request.resume();
        response.writeHead(204).end();
        tellings.get(++told)?.();
      }),
    );
    let time = now;
    announcer = new PushAnnouncer({
      gateways: [silent, endless, good],
      token,
      log,
      clock: () => time,
      deadlineMs: 300,
    });
    const second = new Promise<string>((resolve) => {
      tellings.set(2, () => resolve("told"));
    });
    const first = announcer.announce("documents");
    const again = announcer.announce("secrets");
    // The silent one is still being waited for when the good one has heard of both.
    expect(await Promise.race([second, first.then(() => "the silent one was waited for")])).toBe("told");
    await Promise.all([first, again]);
    await announcer.announce("keys");
    const silentWarnings = (): number => warnings.filter((fields) => fields?.["subject"] === silent).length;
    expect(silentWarnings()).toBe(1);
    expect(warnings.filter((fields) => fields?.["subject"] === good)).toStrictEqual([]);
    time += 60_000;
    await announcer.announce("keys");
    expect(silentWarnings()).toBe(2);
    expect(JSON.stringify(warnings)).not.toContain(token);
  });

  test("does not follow a gateway elsewhere, and takes nothing but 204 for an answer", async () => {
    let strayed = 0;
    const elsewhere = await listen(
      createServer((_request, response) => {
        strayed++;
        response.writeHead(204).end();
      }),
    );
    const gateway = await listen(
      createServer((_request, response) => {
        response.writeHead(307, { location: `${elsewhere}/notify` }).end();
      }),
    );
    announcer = new PushAnnouncer({ gateways: [gateway], token, log, clock: () => now });
    await announcer.announce("documents");
    expect(strayed).toBe(0);
    expect(String(warnings[0]?.["error"])).toContain("the gateway answered 307");
  });
});
