import { describe, expect, it } from "vitest";
import { AppError } from "../../../core/errors.ts";
import { anonymous } from "../../../core/principal.ts";
import { FakeMcpServer } from "../../../../test/fixtures/fake-mcp-server.ts";
import { keyHolder, testUpstream } from "../../../../test/fixtures/fake-mcp-upstream.ts";
import { settle } from "../../../../test/fixtures/manual-clock.ts";
import { listLimits } from "./load-list.ts";

const ann = keyHolder("ann");
const bob = keyHolder("bob");
const down = new AppError("upstream_failed", "The connection was refused.");

function names(catalogue: { readonly tools: readonly object[] }): unknown[] {
  return catalogue.tools.map((tool) => ("name" in tool ? tool.name : undefined));
}

describe("the catalogue", () => {
  it("is pending, then what the server lists, in its order", async () => {
    const { server, upstream, changes } = testUpstream({ sharing: "shared" });
    server.tools = ["zebra", "ant"];
    expect(upstream.catalogue(ann)).toMatchObject({ state: "pending", version: 0, server: undefined });
    const listed = await upstream.listed(ann);
    expect(listed).toMatchObject({ state: "current", version: 1, server: { info: { name: "fake" } } });
    expect(names(listed)).toEqual(["zebra", "ant"]);
    expect(changes).toEqual([undefined]);
    expect(upstream.catalogue(bob)).toBe(listed);
  });

  it("asks only for what the server says it has", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    server.capabilities = { prompts: {}, resources: {} };
    await upstream.listed(ann);
    expect(server.connection(0).own).toEqual(["prompts/list", "resources/list", "resources/templates/list"]);
  });

  it("is read once for all who wait for it", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    const catalogues = await Promise.all(Array.from({ length: 10 }, () => upstream.listed(ann)));
    expect(new Set(catalogues).size).toBe(1);
    expect(server.connection(0).own).toEqual(["tools/list"]);
  });

  it("keeps integers that a double cannot hold, and fields that nobody knows", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    server.list = () => Promise.resolve('{"tools":[{"name":"big","vendor":{"id":9007199254740993}}]}');
    const { tools } = await upstream.listed(ann);
    expect(tools).toEqual([{ name: "big", vendor: { id: 9007199254740993n } }]);
  });

  it("leaves out entries that are none, with a word in the log", async () => {
    const { server, upstream, logged } = testUpstream({ sharing: "shared" });
    server.list = () => Promise.resolve('{"tools":[null,1,{"title":"nameless"},{"name":5},{"name":"fine"}]}');
    expect(names(await upstream.listed(ann))).toEqual(["fine"]);
    expect(logged).toContain("entries of an upstream's list left out");
  });

  it("takes a list that the server does not have for an empty one", async () => {
    const { server, upstream, logged } = testUpstream({ sharing: "shared" });
    server.list = () =>
      Promise.resolve({ kind: "error", code: -32601, message: "Method not found", data: undefined, rank: 3 });
    expect(await upstream.listed(ann)).toMatchObject({ state: "current", tools: [] });
    expect(logged).toEqual([]);
  });

  it("shows the other lists when one cannot be read, and reads that one later", async () => {
    const { server, upstream, clock, logged } = testUpstream({ sharing: "shared" });
    server.capabilities = { tools: {}, prompts: {} };
    const { list } = server;
    server.list = (method, ...rest) =>
      method === "prompts/list" ? Promise.reject(new AppError("timed_out", "too slow")) : list(method, ...rest);
    const listed = await upstream.listed(ann);
    expect(listed).toMatchObject({ state: "current", prompts: [] });
    expect(names(listed)).toEqual(["first"]);
    expect(logged).toEqual(["upstream's list not read"]);
    server.list = (method, ...rest) =>
      method === "prompts/list" ? Promise.resolve('{"prompts":[{"name":"greet"}]}') : list(method, ...rest);
    server.detected.transport = "streamable-http";
    await clock.advance(6_000);
    upstream.catalogue(ann);
    await settle();
    expect(upstream.catalogue(ann).prompts).toEqual([{ name: "greet" }]);
  });
});

describe("the pages of a list", () => {
  it("are read one after the other", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    server.list = (_method, params) => {
      const { cursor } = JSON.parse(params) as { readonly cursor?: string };
      const page = Number(cursor ?? 0);
      const next = page < 2 ? { nextCursor: String(page + 1) } : {};
      return Promise.resolve(JSON.stringify({ tools: [{ name: `tool${page}` }], ...next }));
    };
    expect(names(await upstream.listed(ann))).toEqual(["tool0", "tool1", "tool2"]);
  });

  it("end with a warning when a cursor comes again", async () => {
    const { server, upstream, logged } = testUpstream({ sharing: "shared" });
    server.list = () => Promise.resolve('{"tools":[{"name":"same"}],"nextCursor":"again"}');
    expect(names(await upstream.listed(ann))).toEqual(["same", "same"]);
    expect(logged).toEqual(["upstream's list cut"]);
  });

  it("end with a warning after so many entries or pages", async () => {
    for (const perPage of [listLimits.entries, 1]) {
      const { server, upstream, logged } = testUpstream({ sharing: "shared" });
      let page = 0;
      server.list = () => {
        page++;
        const tools = Array.from({ length: perPage }, (_, index) => ({ name: `${page}-${index}` }));
        return Promise.resolve(JSON.stringify({ tools, nextCursor: String(page) }));
      };
      const { tools } = await upstream.listed(ann);
      expect(tools).toHaveLength(Math.min(listLimits.entries, perPage * listLimits.pages));
      expect(logged).toEqual(["upstream's list cut"]);
    }
  });
});

describe("lists that are large or change all the time", () => {
  it("are read up to a number of characters, with a warning", async () => {
    const { server, upstream, logged } = testUpstream({ sharing: "shared" });
    const description = "x".repeat(1_048_576);
    let page = 0;
    server.list = () => {
      page++;
      return Promise.resolve(JSON.stringify({ tools: [{ name: `${page}`, description }], nextCursor: String(page) }));
    };
    const { tools } = await upstream.listed(ann);
    expect(tools).toHaveLength(listLimits.characters / description.length);
    expect(logged).toEqual(["upstream's list cut"]);
  });

  it("are read once a second, so that clients are not told more often", async () => {
    const { server, upstream, clock, changes } = testUpstream({ sharing: "shared" });
    let asked = 0;
    server.list = () => {
      asked++;
      server.opened[0]?.notify("notifications/tools/list_changed");
      return Promise.resolve(JSON.stringify({ tools: [{ name: `tool${asked}` }] }));
    };
    await upstream.listed(ann);
    await clock.advance(60_000);
    expect(asked).toBeGreaterThan(55);
    expect(asked).toBeLessThan(70);
    expect(changes).toHaveLength(asked);
  });

  it("take a quarter of the time to read, however long reading takes", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared" });
    let asked = 0;
    server.list = () => {
      asked++;
      server.opened[0]?.notify("notifications/tools/list_changed");
      return new Promise((resolve) => {
        clock.after(2_000, () => resolve(JSON.stringify({ tools: [{ name: `tool${asked}` }], ttlMs: 1 })));
      });
    };
    const listed = upstream.listed(ann);
    await clock.advance(79_000);
    expect(await listed).toMatchObject({ state: "current" });
    expect(asked).toBe(10);
  });
});

describe("a change of lists", () => {
  it("is read once when the server tells of it several times, and told when it is real", async () => {
    const { server, upstream, clock, changes } = testUpstream({ sharing: "shared" });
    await upstream.listed(ann);
    const connection = server.connection(0);
    server.tools = ["first", "second"];
    for (let times = 0; times < 5; times++) connection.notify("notifications/tools/list_changed");
    await clock.advance(100);
    expect(connection.own).toEqual(["tools/list", "tools/list"]);
    expect(names(upstream.catalogue(ann))).toEqual(["first", "second"]);
    expect(changes).toHaveLength(2);
  });

  it("is not told when nothing is another", async () => {
    const { server, upstream, clock, changes } = testUpstream({ sharing: "shared" });
    const listed = await upstream.listed(ann);
    server.connection(0).notify("notifications/tools/list_changed");
    await clock.advance(100);
    expect(server.connection(0).own).toHaveLength(2);
    expect(changes).toHaveLength(1);
    expect(upstream.catalogue(ann)).toBe(listed);
  });

  it("does not make the gateway ask for ever when the server tells of it whenever it is asked", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared" });
    const { list } = server;
    server.list = (...asked) => {
      server.opened[0]?.notify("notifications/tools/list_changed");
      return list(...asked);
    };
    expect(await upstream.listed(ann)).toMatchObject({ state: "current" });
    await clock.advance(60_000);
    expect(server.connection(0).own.length).toBeLessThan(20);
  });

  it("is found after the connection was opened again", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared" });
    await upstream.listed(ann);
    server.tools = ["other"];
    server.connection(0).crash();
    await clock.advance(1_000);
    expect(names(upstream.catalogue(ann))).toEqual(["other"]);
  });

  it("is read over a connection that lasts when the connection of one call tells of it last", async () => {
    const { server, upstream, clock, call } = testUpstream({ sharing: "per-session" });
    await upstream.listed(anonymous);
    call();
    await settle();
    server.tools = ["other"];
    server.connection(0).notify("notifications/tools/list_changed");
    server.connection(1).notify("notifications/tools/list_changed");
    server.connection(1).calls[0]?.answer();
    await clock.advance(100);
    expect(server.connection(1).isClosed).toBe(true);
    expect(names(upstream.catalogue(anonymous))).toEqual(["other"]);
  });

  it("is read over a new connection when only that of one call is open", async () => {
    const { server, upstream, clock, call } = testUpstream({ sharing: "per-session" });
    await upstream.listed(anonymous);
    server.connection(0).crash();
    call();
    await settle();
    server.tools = ["other"];
    const own = server.opened.findIndex(({ calls }) => calls.length > 0);
    server.connection(own).notify("notifications/tools/list_changed");
    server.connection(own).calls[0]?.answer();
    await clock.advance(100);
    expect(names(upstream.catalogue(anonymous))).toEqual(["other"]);
  });

  it("is heard on connections of sessions too", async () => {
    const { server, upstream, clock, call, changes } = testUpstream({ sharing: "per-session" });
    call({ sessionId: "1" });
    await settle();
    server.tools = ["other"];
    server.connection(0).notify("notifications/tools/list_changed");
    await clock.advance(100);
    expect(names(upstream.catalogue(ann))).toEqual(["other"]);
    expect(changes).toEqual([undefined, undefined]);
  });
});

describe("lists that grow old", () => {
  it("are read again when they are asked for after the time that the server says they keep", async () => {
    const server = new FakeMcpServer();
    server.isStateless = true;
    server.detected.transport = "streamable-http";
    server.list = () => Promise.resolve(JSON.stringify({ tools: [{ name: server.tools[0] }], ttlMs: 5_000 }));
    const { upstream, clock } = testUpstream({ sharing: "shared" }, server);
    await upstream.listed(ann);
    server.tools = ["other"];
    await clock.advance(4_900);
    upstream.catalogue(ann);
    await settle();
    expect(server.connection(0).own).toHaveLength(1);
    await clock.advance(200);
    expect(names(upstream.catalogue(ann))).toEqual(["first"]);
    await settle();
    expect(names(upstream.catalogue(ann))).toEqual(["other"]);
    expect(server.connection(0).own).toHaveLength(2);
  });

  it("are read at most once a minute when the server says nothing", async () => {
    const server = new FakeMcpServer();
    server.detected.transport = "streamable-http";
    const { upstream, clock } = testUpstream({ sharing: "shared" }, server);
    await upstream.listed(ann);
    for (let seconds = 0; seconds < 180; seconds++) {
      upstream.catalogue(ann);
      await clock.advance(1_000);
    }
    expect(server.connection(0).own.length).toBeGreaterThanOrEqual(3);
    expect(server.connection(0).own.length).toBeLessThanOrEqual(4);
  });

  it("are left alone while the server tells of changes by itself", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared" });
    await upstream.listed(ann);
    await clock.advance(120_000);
    upstream.catalogue(ann);
    await settle();
    expect(server.connection(0).own).toHaveLength(1);
  });

  it("do not start a child that had ended for want of work", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared", idleMs: 10_000 });
    await upstream.listed(ann);
    await clock.advance(120_000);
    expect(server.connection(0).isClosed).toBe(true);
    expect(upstream.catalogue(ann).state).toBe("current");
    await settle();
    expect(server.opened).toHaveLength(1);
  });
});

describe("lists that are asked for anew", () => {
  it("are read again, also when a reading that began before is under way", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    const answers: ((text: string) => void)[] = [];
    server.list = () =>
      new Promise((resolve) => {
        answers.push(resolve);
      });
    const listed = upstream.listed(ann);
    await settle();
    const relisted = upstream.relisted(ann);
    answers[0]?.('{"tools":[{"name":"old"}]}');
    expect(names(await listed)).toEqual(["old"]);
    await settle();
    answers[1]?.('{"tools":[{"name":"new"}]}');
    expect(names(await relisted)).toEqual(["new"]);
  });

  it("are as last known when there is no connection", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    expect(await upstream.relisted(ann)).toMatchObject({ state: "pending" });
    expect(server.attempts).toBe(0);
  });
});

describe("the catalogue of a server that is down", () => {
  it("is given at once, and the reason is in the status", async () => {
    const { server, upstream } = testUpstream({ sharing: "shared" });
    server.failure = down;
    expect(await upstream.listed(ann)).toMatchObject({ state: "pending", tools: [] });
    expect(await upstream.listed(ann)).toMatchObject({ state: "pending" });
    expect(server.attempts).toBe(1);
    expect(upstream.status()).toMatchObject({ state: "failed", lastError: "The connection was refused." });
  });

  it("is read as soon as the server can be reached, and told, although nobody calls", async () => {
    const { server, upstream, clock, changes } = testUpstream({ sharing: "shared" });
    server.failure = down;
    await upstream.listed(ann);
    await clock.advance(20_000);
    server.failure = undefined;
    await clock.advance(30_000);
    expect(changes).toEqual([undefined]);
    expect(upstream.catalogue(ann).state).toBe("current");
  });

  it("stays as it was last known, marked as stale, until the server is back", async () => {
    const { server, upstream, clock, changes } = testUpstream({ sharing: "shared" });
    await upstream.listed(ann);
    server.failure = down;
    server.connection(0).crash();
    await clock.advance(1_000);
    const stale = upstream.catalogue(ann);
    expect(stale).toMatchObject({ state: "stale", version: 2 });
    expect(names(stale)).toEqual(["first"]);
    server.failure = undefined;
    await clock.advance(30_000);
    expect(upstream.catalogue(ann)).toMatchObject({ state: "current", version: 3 });
    expect(changes).toHaveLength(3);
  });

  it("is not stale while another connection works", async () => {
    const { server, upstream, call } = testUpstream({ sharing: "per-session" });
    call({ sessionId: "1" });
    await settle();
    server.failure = down;
    await call({ sessionId: "2" }).outcome;
    expect(upstream.catalogue(ann).state).toBe("current");
  });

  it("is not waited for longer than startTimeoutMs", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "shared", startTimeoutMs: 3_000 });
    server.list = () => new Promise(() => undefined);
    let isListed = false;
    void upstream.listed(ann).then(() => {
      isListed = true;
    });
    await clock.advance(2_999);
    expect(isListed).toBe(false);
    await clock.advance(1);
    expect(isListed).toBe(true);
  });
});

describe("whose catalogue it is", () => {
  it("is each principal's own where connections are", async () => {
    const { server, upstream, changes } = testUpstream({ sharing: "per-principal" });
    await upstream.listed(ann);
    server.tools = ["for bob"];
    await upstream.listed(bob);
    expect(names(upstream.catalogue(ann))).toEqual(["first"]);
    expect(names(upstream.catalogue(bob))).toEqual(["for bob"]);
    expect(changes).toEqual(["ann", "bob"]);
    expect(upstream.status().catalogues).toBe(2);
  });

  it("is everybody's when the server turns out to keep nothing", async () => {
    const server = new FakeMcpServer();
    server.isStateless = true;
    const { upstream, changes } = testUpstream({ sharing: "per-principal" }, server);
    const [one, other] = await Promise.all([upstream.listed(ann), upstream.listed(bob)]);
    expect(names(one)).toEqual(["first"]);
    expect(names(other)).toEqual(["first"]);
    expect(upstream.catalogue(keyHolder("cid"))).toBe(upstream.catalogue(anonymous));
    expect(changes).toContain(undefined);
    expect(upstream.status().catalogues).toBe(1);
  });

  it("is read over a session's connection when that is open, or being opened", async () => {
    const { server, upstream, call } = testUpstream({ sharing: "per-session" });
    call({ sessionId: "1" });
    const listed = upstream.listed(ann);
    await listed;
    expect(await upstream.listed(bob)).toMatchObject({ state: "current" });
    expect(server.opened).toHaveLength(1);
    call({ sessionId: "2" });
    await settle();
    // The second session does not ask for the same lists again.
    expect(server.connection(1).own).toEqual([]);
  });

  it("is read over a connection of the gateway's own when there is no other, which ends like any other", async () => {
    const { server, upstream, clock } = testUpstream({ sharing: "per-session", idleMs: 10_000 });
    await upstream.listed(ann);
    expect(server.connection(0).principal).toBe(anonymous);
    await clock.advance(20_000);
    expect(server.connection(0).isClosed).toBe(true);
  });

  it("is forgotten for the principal who did not ask for longest when there are too many", async () => {
    const { upstream } = testUpstream({ sharing: "per-principal" });
    for (let count = 0; count <= 1_000; count++) upstream.catalogue(keyHolder(`key${count}`));
    expect(upstream.status().catalogues).toBe(1_000);
  });
});
