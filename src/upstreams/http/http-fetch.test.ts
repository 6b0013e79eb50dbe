import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type LocalBackend, startBackend } from "../../../test/fixtures/local-backend.ts";
import { callContext, openUpstream } from "../../../test/fixtures/upstream-fixture.ts";
import { httpRequest } from "../../core/config/request-schema.ts";
import type { JsonValue } from "../../core/json.ts";
import { compileHttpFetch, type FetchedResource } from "./http-fetch.ts";
import type { HttpUpstream } from "./http-upstream.ts";

let backend: LocalBackend | undefined;
let api: HttpUpstream | undefined;

afterEach(async () => {
  await api?.close(100);
  await backend?.close();
});

async function fetchOnce(listener: RequestListener, result?: JsonValue, id = "1"): Promise<FetchedResource> {
  backend = await startBackend(listener);
  api = openUpstream({ baseUrl: backend.url, retry: { attempts: 0 } });
  const request = httpRequest.parse({ path: "/orders/{id}" });
  const call = compileHttpFetch({ request, result }, ["resources", 0], { report: () => undefined });
  return api.fetch(call, callContext({ id }));
}

describe("the content of a resource", () => {
  test("text is decoded and keeps its type", async () => {
    const resource = await fetchOnce((_request, response) => {
      response.setHeader("content-type", "Text/Markdown; charset=iso-8859-1");
      response.end(Buffer.from("Zo\xeb", "latin1"));
    });
    expect(resource).toMatchObject({ status: 200, mimeType: "text/markdown", body: "Zoë" });
  });

  test("binaries stay bytes", async () => {
    const resource = await fetchOnce((_request, response) => {
      response.setHeader("content-type", "image/png");
      response.end(Buffer.from([1, 2]));
    });
    expect(resource).toMatchObject({ mimeType: "image/png", body: Buffer.from([1, 2]) });
  });

  test("a result expression makes other content of it", async () => {
    const listener: RequestListener = (request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ url: request.url, list: [1] }));
    };
    expect(await fetchOnce(listener, "${response.body.url}")).toMatchObject({
      mimeType: "text/plain",
      body: "/orders/1",
    });
    await api?.close();
    await backend?.close();
    expect(await fetchOnce(listener, "${response.body.list}")).toMatchObject({
      mimeType: "application/json",
      body: "[1]",
    });
  });

  test("an error status is an answer, without its result expression", async () => {
    const resource = await fetchOnce((_request, response) => response.writeHead(404).end("gone"), "${response.body.x}");
    expect(resource).toMatchObject({ status: 404, body: "gone" });
  });

  test("failures reject with their code", async () => {
    await expect(fetchOnce((request) => request.socket.destroy())).rejects.toMatchObject({ code: "upstream_failed" });
    await backend?.close();
    await expect(fetchOnce((_request, response) => response.end(), undefined, "..")).rejects.toMatchObject({
      code: "invalid_params",
    });
  });
});
