import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../test/fixtures/local-backend.ts";
import { asResult, callContext, compileTool, onlyText, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import type { CallResult } from "../../core/call.ts";
import type { HttpUpstream } from "./http-upstream.ts";

let backend: LocalBackend | undefined;
let api: HttpUpstream | undefined;

afterEach(async () => {
  await api?.close(100);
  await backend?.close();
});

/** Starts a backend that answers as `listener` says and calls a tool of it once. */
async function callOnce(
  listener: RequestListener,
  tool: Readonly<Record<string, unknown>> = {},
  upstream: Readonly<Record<string, unknown>> = {},
): Promise<CallResult> {
  backend = await startBackend(listener);
  api = openUpstream({ baseUrl: backend.url, retry: { attempts: 0 }, ...upstream }, { values: { KEY: "top-secret" } });
  return asResult(await api.callTool(compileTool({ request: { path: "/x" }, ...tool }), callContext()));
}

function answer(status: number, type: string | undefined, body: string | Buffer): RequestListener {
  return (_request: IncomingMessage, response: ServerResponse) => {
    if (type !== undefined) response.setHeader("content-type", type);
    response.writeHead(status).end(body);
  };
}

const person = '{ "id": 9223372036854775807,\n "name": "Zoë" }';
const output = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };

describe("what an answer becomes", () => {
  test("JSON is passed on as it came", async () => {
    const result = await callOnce(answer(200, "application/json", person));
    expect(result).toEqual({
      kind: "result",
      content: JSON.stringify([{ type: "text", text: person }]),
      isError: false,
      needsFilter: false,
    });
  });

  test("text is decoded with its charset, and a byte order mark is dropped", async () => {
    const latin = await callOnce(answer(200, "text/plain; charset=ISO-8859-1", Buffer.from("Zo\xeb", "latin1")));
    expect(onlyText(latin)).toBe("Zoë");
    await backend?.close();
    expect(onlyText(await callOnce(answer(200, "text/plain", "\ufeffhi")))).toBe("hi");
  });

  test("an answer without a type is text when it can be and a blob when not", async () => {
    expect(onlyText(await callOnce(answer(200, undefined, "plain")))).toBe("plain");
    await backend?.close();
    const binary = await callOnce(answer(200, undefined, Buffer.from([0, 255, 1])));
    expect(JSON.parse(binary.content)).toEqual([
      { type: "resource", resource: { uri: `${backend?.url}/x`, mimeType: "application/octet-stream", blob: "AP8B" } },
    ]);
  });

  test("an image becomes image content and audio content asks for a filter", async () => {
    const image = await callOnce(answer(200, "image/png", Buffer.from([1, 2])));
    expect(JSON.parse(image.content)).toEqual([{ type: "image", data: "AQI=", mimeType: "image/png" }]);
    expect(image.needsFilter).toBe(false);
    await backend?.close();
    const audio = await callOnce(answer(200, "audio/wav", Buffer.from([1, 2])));
    expect(JSON.parse(audio.content)).toEqual([{ type: "audio", data: "AQI=", mimeType: "audio/wav" }]);
    expect(audio.needsFilter).toBe(true);
  });

  test("the address of a blob shows neither query nor secrets", async () => {
    const tool = { request: { path: "/bot${secrets.KEY}/file", query: { key: "${secrets.KEY}" } } };
    const result = await callOnce(answer(200, "application/zip", Buffer.from([1])), tool);
    expect(result.content).not.toContain("top-secret");
    expect(result.content).toContain(backend?.url);
  });

  test("an empty answer says so", async () => {
    expect(onlyText(await callOnce(answer(204, undefined, "")))).toBe("HTTP 204, no content");
  });

  test("the answer to HEAD is its status and headers", async () => {
    const listener: RequestListener = (_request, response) => {
      response.writeHead(200, { "x-size": "12", "set-cookie": "s=1" }).end();
    };
    const text = onlyText(await callOnce(listener, { request: { method: "HEAD", path: "/x" } }));
    expect(text).toMatch(/^HTTP 200 OK\nx-size: 12\n/);
    expect(text).not.toContain("cookie");
  });

  test("an error status is an error result with status and body", async () => {
    const result = await callOnce(answer(404, "application/json", '{"detail":"no such customer"}'));
    expect(result.isError).toBe(true);
    expect(onlyText(result)).toBe('HTTP 404 Not Found\n\n{"detail":"no such customer"}');
  });

  test("a long error page is cut", async () => {
    const text = onlyText(await callOnce(answer(500, "text/html", "x".repeat(100_000))));
    expect(text.length).toBeLessThan(33_000);
    expect(text).toMatch(/\[67232 more characters\]$/);
  });

  test("a redirect that is not followed is a result that says where it leads", async () => {
    const listener: RequestListener = (_request, response) => {
      response.writeHead(302, { location: "/elsewhere" }).end();
    };
    const result = await callOnce(listener);
    expect(result.isError).toBe(false);
    expect(onlyText(result)).toBe("HTTP 302 Found, location: /elsewhere");
  });
});

describe("what a document makes of an answer", () => {
  test("a result expression replaces the body and keeps large integers", async () => {
    const result = await callOnce(answer(200, "application/json", person), {
      result: { id: "${response.body.id}", status: "${response.status}", type: "${response.headers['content-type']}" },
    });
    expect(onlyText(result)).toBe('{"id":9223372036854775807,"status":200,"type":"application/json"}');
  });

  test("content blocks are made from the response", async () => {
    const result = await callOnce(answer(200, "image/png", Buffer.from([1, 2])), {
      content: [{ text: "A picture:" }, { image: { data: "${response.body}", mimeType: "image/png" } }],
    });
    expect(JSON.parse(result.content)).toEqual([
      { type: "text", text: "A picture:" },
      { type: "image", data: "AQI=", mimeType: "image/png" },
    ]);
  });

  test("a result that fits its schema is structured too, on one line and unrounded", async () => {
    const result = await callOnce(answer(200, "application/json", person), { output });
    expect(result.structured).toBe('{ "id": 9223372036854775807,  "name": "Zoë" }');
    expect(onlyText(result)).toBe(person);
    expect(result.isError).toBe(false);
  });

  test("a result that does not fit its schema is not lost", async () => {
    const result = await callOnce(answer(200, "application/json", '{"id":"seven"}'), { output });
    const blocks = JSON.parse(result.content) as { text: string }[];
    expect(blocks).toHaveLength(2);
    expect(blocks[0]?.text).toMatch(/the call succeeded \(HTTP 200 OK\).*\nid: must be an integer/);
    expect(blocks[1]?.text).toBe('{"id":"seven"}');
    expect(result.structured).toBeUndefined();
    expect(result.isError).toBe(true);
  });

  test("an expression that the answer does not suit is an error result", async () => {
    const result = await callOnce(answer(200, "application/json", '["x"]'), { result: "${response.body[0] + 1}" });
    expect(result.isError).toBe(true);
  });

  test("a result that is absent is null", async () => {
    const tool = { result: "${response.body.customer.id}" };
    expect(onlyText(await callOnce(answer(200, "application/json", "[]"), tool))).toBe("null");
  });

  test("error statuses are not looked into", async () => {
    const result = await callOnce(answer(500, "text/plain", "boom"), { result: "${response.body.id}", output });
    expect(onlyText(result)).toBe("HTTP 500 Internal Server Error\n\nboom");
    expect(result.structured).toBeUndefined();
  });
});

describe("secrets", () => {
  test("a missing secret fails each call with its name", async () => {
    const result = await callOnce(
      answer(200, "text/plain", "ok"),
      {},
      { headers: { authorization: "${secrets.NONE}" } },
    );
    expect(result.isError).toBe(true);
    expect(onlyText(result)).toContain("NONE");
  });
});
