import { expect, test } from "vitest";
import { stdioCommand } from "../../../../test/fixtures/stdio-peer.ts";
import { describeSpawnFailure } from "./spawn-failure.ts";

test.each([
  ["ENOENT", /there is no program `server`.*`upstreams\.files\.command`/],
  ["EACCES", /`server` may not be executed \(EACCES\).*`upstreams\.files\.command`/],
  ["EAGAIN", /no room for another process of `server` \(EAGAIN\).*`upstreams\.files\.maxConnections`/],
  ["EMFILE", /no room for another process of `server` \(EMFILE\)/],
  ["E2BIG", /too long \(E2BIG\).*`upstreams\.files\.args`/],
  ["EIO", /`server` failed \(EIO\).*`upstreams\.files\.command`/],
])("a program that fails with %s: the message says what, where and how to mend it", (code, words) => {
  const cause = Object.assign(new Error("spawn"), { code });
  const error = describeSpawnFailure(cause, stdioCommand("server", ["--token=hidden"]));
  expect(error).toMatchObject({ code: "upstream_failed", cause });
  expect(error.message).toMatch(/^The upstream `files` cannot be started: /);
  expect(error.message).toMatch(words);
  expect(error.message).not.toContain("hidden");
});
