import { afterAll, beforeAll, describe, expect } from "vitest";
import { echoDocument } from "../fixtures/echo-document.ts";
import { fault } from "../fixtures/fault.ts";
import { RawSocket } from "../fixtures/raw-socket.ts";
import { type ServedFolder, serveDocuments } from "../fixtures/served-folder.ts";

// DNS rebinding: which Host and Origin may call a gateway that listens on this machine (MCP transports,
// security warning; RFC 6454). `*` stands for the port of the gateway.

type Verdict = "passes" | "is refused";
type Row = readonly [verdict: Verdict, ...headers: readonly string[]];

const own = "Host: 127.0.0.1:*";
const rows: readonly Row[] = [
  ["passes", own],
  ["passes", "Host: localhost:*"],
  ["passes", "Host: localhost"],
  ["passes", "Host: LOCALHOST:*"],
  ["passes", "Host: [::1]:*"],
  ["passes", "Host: 127.0.0.1"],
  ["passes", "Host: gateway.example"],
  ["passes", "Host: Gateway.Example:8443"],
  ["is refused", "Host: evil.example"],
  ["is refused", "Host: evil.example:*"],
  ["is refused", "Host: localhost.evil.example"],
  ["is refused", "Host: evil-localhost"],
  ["is refused", "Host: localhost:80@evil.example"],
  ["is refused", "Host: evil.example:80:127.0.0.1"],
  ["is refused", "Host: 127.0.0.1.evil.example"],
  ["is refused", "Host: 127.0.0.2"],
  ["is refused", "Host: 0.0.0.0:*"],
  ["is refused", "Host: 2130706433"],
  ["is refused", "Host: 0x7f.1"],
  ["is refused", "Host: localhost."],
  ["is refused", "Host: [::ffff:127.0.0.1]"],
  ["is refused", "Host: [::1].evil.example"],
  ["is refused", "Host: sub.gateway.example"],
  ["is refused", "Host: gateway.example.evil"],
  ["is refused", "Host: "],
  ["is refused", "Host: localhost, evil.example"],
  ["is refused", "Host: localhost/evil"],
  ["is refused", "Host: user@localhost"],
  ["is refused", "Host: xn--localhost"],
  ["is refused", own, "Host: evil.example"],
  ["is refused", "X-Forwarded-Host: localhost", "Host: evil.example"],
  ["passes", "X-Forwarded-Host: evil.example", own],
  ["passes", own, "Origin: http://localhost:3000"],
  ["passes", own, "Origin: http://127.0.0.1:*"],
  ["passes", own, "Origin: https://[::1]:3000"],
  ["passes", own, "Origin: https://app.example"],
  ["passes", own, "Origin: https://gateway.example"],
  ["is refused", own, "Origin: null"],
  ["is refused", own, "Origin: "],
  ["is refused", own, "Origin: https://evil.example"],
  ["is refused", own, "Origin: http://app.example"],
  ["is refused", own, "Origin: https://app.example:8443"],
  ["is refused", own, "Origin: https://app.example.evil"],
  ["is refused", own, "Origin: https://app.example@evil.example"],
  ["is refused", own, "Origin: https://evil.example/https://app.example"],
  ["is refused", own, "Origin: https://sub.app.example"],
  ["is refused", own, "Origin: https://APP.example."],
  ["is refused", own, "Origin: app.example"],
  ["is refused", own, "Origin: file://"],
  ["is refused", own, "Origin: chrome-extension://abcdef"],
  ["is refused", own, "Origin: http://localhost.evil.example:3000"],
  ["is refused", own, "Origin: http://localhost:3000@evil.example"],
  ["is refused", own, "Origin: http://evil.example#localhost"],
  ["is refused", own, "Origin: http://localhost:3000, https://evil.example"],
  ["is refused", own, "Origin: http://localhost:3000 https://evil.example"],
  ["is refused", own, "Origin: https://app.example", "Origin: https://evil.example"],
];

const requests: readonly string[] = [
  "POST /echo/mcp",
  "GET /echo/mcp",
  "DELETE /echo/mcp",
  "GET /echo/sse",
  "POST /echo/message?sessionId=x",
  "OPTIONS /echo/mcp",
];

let folder: ServedFolder;

beforeAll(async () => {
  const routes = [{ prefix: "/echo", access: "public", origins: ["https://app.example"] }];
  folder = await serveDocuments(
    { "echo.json": echoDocument("http://127.0.0.1:1", { routes }) },
    { flags: { allowedHosts: ["gateway.example"] } },
  );
});

afterAll(() => folder.close());

describe("on every endpoint", () => {
  for (const [verdict, ...headers] of rows) {
    fault(`${headers.join(" and ")} ${verdict}`, { limit: `${requests.length} of ${requests.length}` }, async () => {
      for (const request of requests) {
        const status = await statusOf(request, headers);
        if (verdict === "passes") expect([request, status]).not.toEqual([request, 403]);
        // Several Hosts, or none, are refused by the parser (RFC 9112, 3.2).
        else expect([400, 403], `${request} with ${headers.join(", ")}`).toContain(status);
      }
      return `${requests.length} of ${requests.length}`;
    });
  }

  fault("the refused page cannot read why: no CORS header", { limit: "0 headers" }, async () => {
    const answer = await ask("POST /echo/mcp", [own, "Origin: https://evil.example"]);
    expect(answer.head).not.toMatch(/access-control/i);
    return "0";
  });
});

async function statusOf(request: string, headers: readonly string[]): Promise<number> {
  return (await ask(request, headers)).status;
}

async function ask(request: string, headers: readonly string[]): Promise<{ status: number; head: string }> {
  const { port } = new URL(folder.url);
  const lines = headers.map((header) => header.replace("*", port));
  const body = request.startsWith("POST") ? ["Content-Type: text/plain", "Content-Length: 0"] : [];
  const socket = await RawSocket.open(folder.url);
  socket.write(`${request} HTTP/1.1\r\n${[...lines, ...body].join("\r\n")}\r\n\r\n`);
  const answer = await socket.answer();
  socket.destroy();
  if (answer === undefined) throw new Error("no answer");
  return answer;
}
