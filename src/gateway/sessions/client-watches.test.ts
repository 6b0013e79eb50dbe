import { expect, test } from "vitest";
import { anonymous } from "../../core/principal.ts";
import { compileForTest, offering } from "../../../test/fixtures/compiled-servers.ts";
import { ClientWatches } from "./client-watches.ts";

const document = { upstreams: { a: { kind: "mcp", url: "https://mcp.example/mcp" } } };
const offer = offering({ resources: [{ uri: "x:1", name: "one" }] });

test("a client goes on with the server of a reload, also when the old one answers last", async () => {
  const [old, fresh] = [compileForTest(document), compileForTest(document)];
  const [oldUpstream, freshUpstream] = [old.upstreams["a"], fresh.upstreams["a"]];
  if (oldUpstream === undefined || freshUpstream === undefined) throw new Error("no upstreams");
  let listOld: (value?: unknown) => void = () => undefined;
  oldUpstream.listing = new Promise((resolve) => {
    listOld = resolve;
  });
  const watches = ClientWatches.ofSession(anonymous, "session");
  const watched = watches.watchResource(old.server, "x:1");
  freshUpstream.offer(offer);
  watches.moveTo(fresh.server);
  expect(freshUpstream.watched).toEqual(["x:1"]);
  oldUpstream.offer(offer);
  listOld();
  await watched;
  expect(oldUpstream.watched).toEqual([]);
  expect(freshUpstream.watched).toEqual(["x:1"]);
  watches.end();
  expect(freshUpstream.watched).toEqual([]);
});
