import { describe, expect, test } from "vitest";
import { anonymous } from "../../core/principal.ts";
import { type CompiledForTest, compileForTest, offering } from "../../../test/fixtures/compiled-servers.ts";

const mcp = { kind: "mcp", url: "https://mcp.example/mcp" };

/** Which upstream reads a URI, and as which one. */
function reader({ server }: CompiledForTest, uri: string): string | undefined {
  const found = server.catalogue.current(anonymous).findResource(uri);
  if (found === undefined) return undefined;
  return found.kind === "mcp" ? `${found.upstream.name} ${found.upstreamUri}` : found.kind;
}

describe("a resource", () => {
  test("is the document's own first, then of the first upstream that lists it", () => {
    const compiled = compileForTest({
      upstreams: { a: mcp, b: mcp },
      resources: [{ uri: "doc://own", name: "own", text: "x" }],
      resourceTemplates: [{ uriTemplate: "doc://of/{id}", name: "of", text: "x" }],
    });
    const own = { uri: "doc://own", name: "x" };
    const both = { uri: "doc://both", name: "x" };
    compiled.upstreams["a"]?.offer(offering({ resources: [own, both] }));
    compiled.upstreams["b"]?.offer(offering({ resources: [both, { uri: "doc://of/7", name: "x" }] }));
    expect(reader(compiled, "doc://own")).toBe("resource");
    expect(reader(compiled, "doc://both")).toBe("a doc://both");
    expect(reader(compiled, "doc://of/7")).toBe("b doc://of/7");
    expect(reader(compiled, "doc://of/8")).toBe("template");
    expect(compiled.server.catalogue.current(anonymous).leftOut).toMatchObject([
      { upstream: "a", kind: "resource", name: "doc://own" },
      { upstream: "b", kind: "resource", name: "doc://both", reason: expect.stringContaining("the upstream a") },
    ]);
  });

  test("is found by templates, also by ones beyond the first level of RFC 6570", () => {
    const compiled = compileForTest({ upstreams: { a: mcp, b: mcp } });
    const template = (uriTemplate: string) => ({ uriTemplate, name: "x" });
    compiled.upstreams["a"]?.offer(
      offering({ resourceTemplates: [template("user://{id}/profile"), template("{+any}")] }),
    );
    compiled.upstreams["b"]?.offer(offering({ resourceTemplates: [template("git://{repo}{/path*}")] }));
    expect(reader(compiled, "user://7/profile")).toBe("a user://7/profile");
    expect(reader(compiled, "git://repo/a/b")).toBe("b git://repo/a/b");
    expect(reader(compiled, "else://x")).toBeUndefined();
  });

  test("that nobody lists is asked of the only upstream that has resources", () => {
    const compiled = compileForTest({ upstreams: { a: mcp, b: mcp } });
    compiled.upstreams["a"]?.offer(offering({}));
    expect(reader(compiled, "any://thing")).toBe("a any://thing");
    compiled.upstreams["b"]?.offer(offering({}));
    expect(reader(compiled, "any://thing")).toBeUndefined();
  });

  test("that nobody lists is asked of the upstream that lists others of its scheme and authority", () => {
    const compiled = compileForTest({ upstreams: { a: mcp, b: mcp } });
    compiled.upstreams["a"]?.offer(offering({ resources: [{ uri: "file:///a.txt", name: "x" }] }));
    compiled.upstreams["b"]?.offer(offering({ resourceTemplates: [{ uriTemplate: "db://main/{+table}", name: "x" }] }));
    expect(reader(compiled, "file:///b.txt")).toBe("a file:///b.txt");
    expect(reader(compiled, "db://main/users")).toBe("b db://main/users");
    expect(reader(compiled, "db://other/users")).toBeUndefined();
  });

  test("that is excluded is not read either, listed or not, by template or not", () => {
    const compiled = compileForTest({
      upstreams: { a: mcp },
      expose: [{ upstream: "a", resources: { include: ["file:///docs/*", "user://{id}"], exclude: ["*secret*"] } }],
    });
    const listed = ["file:///docs/a", "file:///docs/secret", "file:///etc/passwd"].map((uri) => ({ uri, name: "x" }));
    compiled.upstreams["a"]?.offer(
      offering({ resources: listed, resourceTemplates: [{ uriTemplate: "user://{id}", name: "x" }] }),
    );
    const view = compiled.server.catalogue.current(anonymous);
    expect(view.lists.resources.size).toBe(1);
    expect(reader(compiled, "file:///docs/b")).toBe("a file:///docs/b");
    expect(reader(compiled, "user://7")).toBe("a user://7");
    for (const hidden of ["file:///docs/secret", "file:///etc/passwd", "user://secret"]) {
      expect(reader(compiled, hidden)).toBeUndefined();
    }
  });

  test("that is excluded is not read by another spelling of its URI", () => {
    const resources = { include: ["file:///docs/*", "file:///{+path}"], exclude: ["file:///docs/secret*"] };
    const compiled = compileForTest({ upstreams: { a: mcp }, expose: [{ upstream: "a", resources }] });
    compiled.upstreams["a"]?.offer(offering({ resourceTemplates: [{ uriTemplate: "file:///{+path}", name: "x" }] }));
    for (const uri of [
      "file:///docs/x/../secret",
      "file:///docs/./secret",
      "file:///docs/x/%2e%2E/secret",
      "file:///docs/x%2f..%2fsecret",
      "file:///docs/x\\..\\secret",
      "file:///docs/..",
      "file:///docs/%73ecret",
      "FILE:///docs/secret",
      "file:///docs/%",
    ]) {
      expect(reader(compiled, uri)).toBeUndefined();
    }
    for (const uri of ["file:///docs/a%20b", "file:///docs/..a/b..", "file:///docs/v1.2"]) {
      expect(reader(compiled, uri)).toBe(`a ${uri}`);
    }
  });

  test("that is not included is not read by another spelling of its URI", () => {
    const compiled = compileForTest({
      upstreams: { a: mcp },
      expose: [{ upstream: "a", resources: { include: ["file:///docs/*"] } }],
    });
    compiled.upstreams["a"]?.offer(offering({}));
    expect(reader(compiled, "file:///docs/a")).toBe("a file:///docs/a");
    expect(reader(compiled, "file:///docs/../etc/passwd")).toBeUndefined();
    expect(reader(compiled, "file:///docs/%2e%2e/etc/passwd")).toBeUndefined();
  });

  test("may have any URI where nothing is left out", () => {
    const compiled = compileForTest({ upstreams: { a: mcp } });
    compiled.upstreams["a"]?.offer(offering({}));
    expect(reader(compiled, "x:a/../100%")).toBe("a x:a/../100%");
  });

  test("of a namespace bears its upstream's name, there and back", () => {
    const namespaced = { resources: { namespace: true } };
    const compiled = compileForTest({
      upstreams: { a: mcp, b: mcp },
      expose: [
        { upstream: "a", ...namespaced },
        { upstream: "b", ...namespaced },
      ],
    });
    const offer = offering({
      resources: [{ uri: "file:///x", name: "x", vendor: 1 }],
      resourceTemplates: [{ uriTemplate: "file:///{name}", name: "x" }],
    });
    for (const upstream of Object.values(compiled.upstreams)) upstream.offer(offer);
    const view = compiled.server.catalogue.current(anonymous);
    expect(view.leftOut).toEqual([]);
    expect(view.lists.resources.page(3, undefined).toString()).toContain(
      '[{"uri":"a+file:///x","name":"x","vendor":1},{"uri":"b+file:///x","name":"x","vendor":1}]',
    );
    expect(reader(compiled, "b+file:///x")).toBe("b file:///x");
    expect(reader(compiled, "b+file:///unlisted")).toBe("b file:///unlisted");
    expect(reader(compiled, "a+other://unlisted")).toBe("a other://unlisted");
    expect(reader(compiled, "file:///x")).toBeUndefined();
    expect(view.findTemplate("b+file:///{name}")).toMatchObject({
      kind: "mcp",
      upstream: { name: "b" },
      upstreamTemplate: "file:///{name}",
    });
    expect(view.findTemplate("file:///{name}")).toBeUndefined();
  });
});
