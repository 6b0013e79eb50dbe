import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { envelope, modernRequest, modernRevision } from "../fixtures/modern-request.ts";
import { type RawRequest, send } from "../fixtures/raw-http.ts";
import { openTestGateway, type TestGateway } from "../fixtures/test-gateway.ts";

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  gateway = await openTestGateway();
  url = `${gateway.prefix}/mcp`;
});

afterAll(() => gateway.close());

const callText = { name: "test_simple_text", arguments: {} };
const key = "io.modelcontextprotocol";

interface Rung {
  readonly title: string;
  readonly request: RawRequest;
  readonly status: number;
  readonly error?: object;
}

/** Which requests fail at which rung; each one is right up to there. */
const rungs: readonly Rung[] = [
  {
    title: "0: a foreign Host is refused",
    request: modernRequest("tools/list", { headers: { host: "evil.example.com" } }),
    status: 403,
  },
  {
    title: "0: a foreign Origin is refused",
    request: modernRequest("tools/list", { headers: { origin: "http://evil.example.com" } }),
    status: 403,
  },
  { title: "1: GET is refused", request: { headers: modernHeaders("tools/list") }, status: 405 },
  { title: "1: DELETE is refused", request: { method: "DELETE", headers: modernHeaders("tools/list") }, status: 405 },
  {
    title: "2: another content type is refused",
    request: modernRequest("tools/list", { headers: { "content-type": "text/plain" } }),
    status: 415,
  },
  {
    title: "3: a body that is no JSON is refused",
    request: { headers: { ...modernHeaders("tools/list"), "content-type": "application/json" }, body: '{"jsonrpc":' },
    status: 400,
    error: { code: -32700 },
  },
  {
    title: "3: a batch is refused",
    request: { headers: modernHeaders("tools/list"), body: [modernRequest("tools/list").body] },
    status: 400,
    error: { code: -32600 },
  },
  {
    title: "4: a missing envelope is refused",
    request: {
      headers: modernHeaders("server/discover"),
      body: { jsonrpc: "2.0", id: 1, method: "server/discover", params: {} },
    },
    status: 400,
    error: { code: -32602 },
  },
  {
    title: "4: a missing protocol version is refused",
    request: modernRequest("tools/list", { meta: { [`${key}/protocolVersion`]: undefined } }),
    status: 400,
    error: { code: -32602 },
  },
  {
    title: "4: a protocol version that is no text is refused",
    request: modernRequest("tools/list", { meta: { [`${key}/protocolVersion`]: 20260728 } }),
    status: 400,
    error: { code: -32602 },
  },
  {
    title: "4: missing client capabilities are refused",
    request: modernRequest("tools/list", { meta: { [`${key}/clientCapabilities`]: undefined } }),
    status: 400,
    error: { code: -32602 },
  },
  {
    title: "4: client capabilities that are no object are refused",
    request: modernRequest("tools/list", { meta: { [`${key}/clientCapabilities`]: [] } }),
    status: 400,
    error: { code: -32602 },
  },
  {
    title: "5: a missing version header is refused",
    request: modernRequest("tools/list", { headers: { "mcp-protocol-version": undefined } }),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "5: a version header that differs is refused",
    request: modernRequest("tools/list", { headers: { "mcp-protocol-version": "2025-11-25" } }),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "6: an unknown version is refused, with those that are served",
    request: withVersion("2027-01-01"),
    status: 400,
    error: { code: -32022, data: { supported: [modernRevision], requested: "2027-01-01" } },
  },
  {
    title: "6: a legacy version in an envelope is refused, with those that are served",
    request: withVersion("2025-11-25"),
    status: 400,
    error: { code: -32022, data: { supported: [modernRevision], requested: "2025-11-25" } },
  },
  {
    title: "7: a missing method header is refused",
    request: modernRequest("tools/list", { headers: { "mcp-method": undefined } }),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "7: a method header in another case is refused",
    request: modernRequest("tools/list", { headers: { "mcp-method": "TOOLS/LIST" } }),
    status: 400,
    error: { code: -32020 },
  },
  ...["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "tasks/list"].map(
    (method): Rung => ({
      title: `8: ${method}, which was removed, is not found`,
      request: modernRequest(method),
      status: 404,
      error: { code: -32601 },
    }),
  ),
  {
    title: "8: an unknown method is not found",
    request: modernRequest("no/such"),
    status: 404,
    error: { code: -32601 },
  },
  {
    title: "9: a missing name header is refused",
    request: modernRequest("tools/call", { params: callText, headers: { "mcp-name": undefined } }),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "9: a name header that differs is refused",
    request: modernRequest("tools/call", { params: callText, headers: { "mcp-name": "test_image_content" } }),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "10: a missing parameter header is refused",
    request: callRegion("north", undefined),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "10: a parameter header that differs is refused",
    request: callRegion("north", "south"),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "10: a parameter header in broken base64 is refused",
    request: callRegion("Hello", "=?base64?SGVs!!!bG8=?="),
    status: 400,
    error: { code: -32020 },
  },
  {
    title: "12: an unknown tool is an error of the call",
    request: modernRequest("tools/call", { params: { name: "no_such_tool", arguments: {} } }),
    status: 200,
    error: { code: -32602 },
  },
  {
    title: "12: an unknown prompt is an error of the call",
    request: modernRequest("prompts/get", { params: { name: "no_such_prompt" } }),
    status: 200,
    error: { code: -32602 },
  },
  {
    title: "12: an unknown resource is an error of the call that names it",
    request: modernRequest("resources/read", { params: { uri: "test://nowhere" } }),
    status: 200,
    error: { code: -32602, data: { uri: "test://nowhere" } },
  },
];

function modernHeaders(method: string): Readonly<Record<string, string>> {
  return modernRequest(method).headers ?? {};
}

function withVersion(version: string): RawRequest {
  return modernRequest("tools/list", {
    meta: { [`${key}/protocolVersion`]: version },
    headers: { "mcp-protocol-version": version },
  });
}

function callRegion(region: string | null, header: string | undefined): RawRequest {
  return modernRequest("tools/call", {
    params: { name: "test_x_mcp_header", arguments: { region } },
    headers: { "mcp-param-region": header },
  });
}

describe("the ladder of 2026-07-28", () => {
  it.each(rungs)("$title", async ({ request, status, error }) => {
    const answer = await send(url, request);
    expect(answer.status).toBe(status);
    if (error !== undefined) expect(answer.json()).toMatchObject({ jsonrpc: "2.0", error });
  });

  it("echoes the id of the request in every error, with its type", async () => {
    for (const id of [0, 17, "17", "x"]) {
      const refused = await send(url, modernRequest("no/such", { id }));
      expect(refused.json()).toMatchObject({ id });
      const failed = await send(url, modernRequest("tools/call", { id, params: { name: "no_such_tool" } }));
      expect(failed.json()).toMatchObject({ id });
    }
  });

  it("takes the first failure when there are several", async () => {
    const answer = await send(
      url,
      modernRequest("no/such", {
        meta: { [`${key}/clientCapabilities`]: undefined },
        headers: { "mcp-protocol-version": "2025-11-25", "mcp-method": "other" },
      }),
    );
    expect(answer.json()).toMatchObject({ error: { code: -32602 } });
  });
});

/** Requests that look odd and are right. */
const accepted: readonly { readonly title: string; readonly request: RawRequest }[] = [
  {
    title: "without client info, which is only recommended",
    request: modernRequest("tools/list", { meta: { [`${key}/clientInfo`]: undefined } }),
  },
  {
    title: "with the session header of an older client, which is ignored",
    request: modernRequest("server/discover", { headers: { "mcp-session-id": "left-over" } }),
  },
  { title: "that accepts anything", request: modernRequest("tools/list", { headers: { accept: "*/*" } }) },
  {
    title: "that accepts JSON alone",
    request: modernRequest("tools/list", { headers: { accept: "application/json" } }),
  },
  {
    title: "with white space around header values",
    request: modernRequest("tools/call", { params: callText, headers: { "mcp-name": "  test_simple_text " } }),
  },
  {
    title: "with its name in base64",
    request: modernRequest("tools/call", {
      params: callText,
      headers: { "mcp-name": `=?base64?${Buffer.from("test_simple_text").toString("base64")}?=` },
    }),
  },
  { title: "with a parameter header in plain text", request: callRegion("north", "north") },
  {
    title: "with a parameter header in base64",
    request: callRegion("Łódź", `=?base64?${Buffer.from("Łódź").toString("base64")}?=`),
  },
  {
    title: "with a parameter header that only looks like base64",
    request: callRegion("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
  },
  {
    title: "without the header of a parameter that is absent",
    request: modernRequest("tools/call", { params: { name: "test_x_mcp_header", arguments: {} } }),
  },
  {
    title: "with a charset in its content type",
    request: modernRequest("tools/list", { headers: { "content-type": "application/json; charset=utf-8" } }),
  },
];

describe("a request of 2026-07-28 is served", () => {
  it.each(accepted)("$title", async ({ request }) => {
    const answer = await send(url, request);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ result: { resultType: "complete" } });
    expect(answer.headers["mcp-session-id"]).toBeUndefined();
  });

  it.each(["notifications/cancelled", "notifications/initialized"])("%s is taken with 202", async (method) => {
    const body = { jsonrpc: "2.0", method, params: { requestId: 1, _meta: envelope } };
    const answer = await send(url, { headers: modernHeaders(method), body });
    expect([answer.status, answer.text]).toEqual([202, ""]);
  });
});
