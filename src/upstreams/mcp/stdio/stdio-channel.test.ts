import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  closePeers,
  isRunning,
  keptLog,
  openPeer,
  script,
  type StdioPeer,
  stdioCommand,
} from "../../../../test/fixtures/stdio-peer.ts";
import { stdioOpener } from "./stdio-channel.ts";
import type { StdioCommand } from "./stdio-command.ts";
import { withinMs } from "../../../../test/fixtures/time-limit.ts";

afterEach(closePeers);

const echo = stdioCommand("cat", []);

/** What a child says of itself in its first message. */
async function tell(source: string, more: Partial<StdioCommand> = {}): Promise<unknown> {
  const peer = await openPeer(script(`console.log(JSON.stringify({ told: ${source} })); process.stdin.resume()`, more));
  return (JSON.parse(await peer.next()) as { told: unknown }).told;
}

/** A folder that is gone after `use`. */
async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "passerelle-stdio-")));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How long a peer took to be told of its end, in ms. */
async function timeOfEnd(peer: StdioPeer, begin: () => void): Promise<number> {
  const begunAt = performance.now();
  begin();
  await peer.closed;
  return performance.now() - begunAt;
}

describe("messages", () => {
  test("go there and back in order", async () => {
    const peer = await openPeer(echo);
    const sent = Array.from({ length: 500 }, (_, id) => JSON.stringify({ id, text: "grün 😀" }));
    for (const message of sent) peer.channel.send(message);
    for (const message of sent) expect(await peer.next()).toBe(message);
    expect(peer.channel.pendingBytes).toBe(0);
  });

  test("of one turn of the event loop leave in one write", async () => {
    const peer = await openPeer(
      script("process.stdin.on('data', (chunk) => console.log(JSON.stringify([chunk.length])))"),
    );
    for (let id = 0; id < 100; id += 1) peer.channel.send('{"id":1}');
    expect(await peer.next()).toBe("[900]");
  });

  test("of 5 MB are whole in both directions", async () => {
    const peer = await openPeer(echo);
    const message = JSON.stringify({ text: "ü".repeat(2_621_440) });
    peer.channel.send(message);
    expect((await peer.next()) === message).toBe(true); // without a diff of 5 MB
  });

  test("with line breaks between their tokens stay one message", async () => {
    const peer = await openPeer(echo);
    peer.channel.send('{"a":\n{"method":"smuggled"}\r,"b":1}');
    peer.channel.send("[]");
    expect(await peer.next()).toBe('{"a": {"method":"smuggled"} ,"b":1}');
    expect(await peer.next()).toBe("[]");
  });

  test("are read between lines that are none, which are logged", async () => {
    const peer = await openPeer(
      script(
        "process.stdout.write('Server is starting\\r\\n\\n[1]\\r\\n' + 'x\\n'.repeat(50) + '[2]\\n'); process.stdin.resume()",
      ),
    );
    expect([await peer.next(), await peer.next()]).toEqual(["[1]", "[2]"]);
    await peer.channel.close();
    const debug = peer.log.filter(({ level }) => level === "debug");
    expect(debug.map(({ fields }) => fields["line"])).toContain("Server is starting");
    expect(debug.find(({ fields }) => "suppressedLines" in fields)?.fields).toMatchObject({ suppressedLines: 31 });
  });

  test("longer than the limit end the channel and the child", async () => {
    const source = "process.stdout.write('['); setInterval(() => process.stdout.write('1'.repeat(500)), 1)";
    const peer = await openPeer(script(source, { maxMessageBytes: 10_000 }));
    expect((await peer.closed).message).toMatch(
      /^The upstream `files` was ended: .*more than the 10000 bytes of `upstreams\.files\.maxMessageBytes`/,
    );
    await peer.channel.close();
    expect(isRunning(peer.processId)).toBe(false);
  });

  test("that the child does not take are pending; it is ended when they are too many", async () => {
    const peer = await openPeer(script("setInterval(() => undefined, 1000)"));
    const message = JSON.stringify("x".repeat(1_048_576));
    for (let count = 1; count <= 16; count += 1) {
      peer.channel.send(message);
      await new Promise((resolve) => setImmediate(resolve));
      expect(peer.channel.pendingBytes).toBeGreaterThan((count - 1) * 1_048_576);
    }
    for (let count = 0; count < 3; count += 1) peer.channel.send(message);
    expect((await peer.closed).message).toBe("The upstream `files` was ended: it reads nothing any more.");
  });
});

describe("a child", () => {
  test("sees little of the gateway's environment, what the document adds, and no shell", async () => {
    process.env["PASSERELLE_CANARY"] = "secret";
    process.env["LC_ALL"] = "C.UTF-8";
    const names = (await tell("Object.keys(process.env)", { env: { OWN: "1", TERM: "none" } })) as string[];
    delete process.env["PASSERELLE_CANARY"];
    delete process.env["LC_ALL"];
    const inherited = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR"];
    const allowed = new Set([...inherited, "OWN", "PASSERELLE_PARENT"]);
    expect(names.filter((name) => !allowed.has(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(["PATH", "OWN"]));
    expect(await tell("process.env.TERM", { env: { TERM: "none" } })).toBe("none");
    const args = ["$HOME; exit", "a b", '"*"', ""];
    const source = "console.log(JSON.stringify(process.argv.slice(1))); process.stdin.resume()";
    const peer = await openPeer(stdioCommand(process.execPath, ["-e", source, "--", ...args]));
    expect(JSON.parse(await peer.next())).toEqual(args);
  });

  test("starts in its folder", () => inFolder(async (cwd) => expect(await tell("process.cwd()", { cwd })).toBe(cwd)));

  test("that cannot be started is told of within 50 ms: what, where and how to mend it", () =>
    inFolder(async (folder) => {
      const plain = join(folder, "plain");
      await writeFile(plain, "text");
      await chmod(plain, 0o644);
      const cases: readonly (readonly [StdioCommand, RegExp])[] = [
        [stdioCommand("no-such-program", []), /no program `no-such-program`.*`upstreams\.files\.command`/],
        [stdioCommand(plain, []), /may not be executed \(EACCES\).*`upstreams\.files\.command`/],
        [stdioCommand(folder, []), /may not be executed \(EACCES\)/],
        [stdioCommand("cat", [], { cwd: join(folder, "none") }), /none` is no folder.*`upstreams\.files\.cwd`/],
        [stdioCommand("cat", [], { cwd: plain }), /plain` is no folder.*`upstreams\.files\.cwd`/],
        [stdioCommand("cat", ["\0"]), /null character.*`upstreams\.files\.command`/],
        [stdioCommand("cat", ["x".repeat(4_194_304)]), /too long \(E2BIG\)/],
      ];
      for (const [command, words] of cases) {
        const begunAt = performance.now();
        const failure = openPeer(command);
        await expect(failure).rejects.toMatchObject({ code: "upstream_failed" });
        await expect(failure).rejects.toThrow(words);
        expect(performance.now() - begunAt).toBeLessThan(withinMs(50));
      }
    }));

  test("is not started when nobody waits for it any more", async () => {
    const log = keptLog();
    const reader = { onMessage: () => undefined, onClosed: () => undefined };
    await expect(stdioOpener(echo, log)(reader, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
    expect(log.entries).toEqual([]);
  });

  test("that exits is told of with its code or signal; its last words are in the log alone", async () => {
    const source = "console.error('no such folder: /secret'); process.exitCode = 3";
    const exited = await openPeer(script(source));
    const error = await exited.closed;
    expect(error.code).toBe("upstream_failed");
    expect(error.message).toMatch(
      /^The upstream `files` ended: `.*node` exited with code 3\..*`upstreams\.files\.command`/,
    );
    expect(error.message).not.toContain("secret");
    expect(exited.log.find(({ level }) => level === "warn")?.fields).toMatchObject({
      upstream: "upstreams.files",
      code: 3,
      lastLines: ["no such folder: /secret"],
    });
    const killed = await openPeer(echo);
    process.kill(killed.processId, "SIGKILL");
    expect((await killed.closed).message).toContain("`cat` was ended by SIGKILL.");
  });

  test("has its last messages read before its end is told", async () => {
    const peer = await openPeer(
      script("process.stdout.write('[1]\\n' + JSON.stringify(['x'.repeat(100000)]) + '\\n')"),
    );
    await peer.closed;
    expect(peer.messages.map(({ length }) => length)).toEqual([3, 100_004]);
  });

  test.each([
    ["output", "require('fs').closeSync(1); setInterval(() => undefined, 1000)"],
    ["input", "require('fs').closeSync(0); console.log('[]'); setInterval(() => undefined, 1000)"],
  ])("that closes its standard %s and runs on is ended", async (pipe, source) => {
    const peer = await openPeer(script(source));
    if (pipe === "input") await peer.next();
    peer.channel.send("[]");
    expect((await peer.closed).message).toContain(`closed its standard ${pipe}`);
    await peer.channel.close();
    expect(isRunning(peer.processId)).toBe(false);
  });
});

describe("closing", () => {
  test("is polite: what was sent is taken, what is answered is read, nothing is killed", async () => {
    const peer = await openPeer(
      script(
        "let n = 0; process.stdin.on('data', (chunk) => (n += chunk.length)).on('end', () => console.log(`[${n}]`))",
      ),
      { politeMs: 10_000, termMs: 10_000 },
    );
    peer.channel.send("[1]");
    const closing = peer.channel.close();
    peer.channel.send("[2]");
    await Promise.all([closing, peer.channel.close()]);
    expect(peer.messages).toEqual(["[4]"]);
    expect((await peer.closed).message).toBe("The upstream `files` was closed.");
    expect(peer.log.at(-1)).toMatchObject({ level: "debug", fields: { code: 0, signal: null } });
    peer.channel.send("[3]");
    await peer.channel.close();
  });

  test.each([
    ["its standard input", "SIGTERM", "console.log('[]'); setInterval(() => undefined, 1000)"],
    [
      "SIGTERM too",
      "SIGKILL",
      "process.on('SIGTERM', () => undefined); console.log('[]'); setInterval(() => undefined, 1000)",
    ],
  ])("ends a child that ignores the end of %s, by %s", async (_what, signal, source) => {
    const peer = await openPeer(script(source));
    await peer.next();
    const tookMs = await timeOfEnd(peer, () => void peer.channel.close());
    expect(tookMs).toBeLessThan(withinMs(1_500));
    expect(peer.log.at(-1)).toMatchObject({ fields: { signal } });
    expect(isRunning(peer.processId)).toBe(false);
  });

  test("waits for what the child has started", async () => {
    const grandchild = "process.on('SIGTERM', () => setTimeout(() => process.exit(), 100)); setInterval(() => 0, 1000)";
    const source = `const { spawn } = require("child_process");
      const child = spawn(process.execPath, ["-e", ${JSON.stringify(`${grandchild}; console.log("[]")`)}], { stdio: ["ignore", 1, 2] });
      child.unref(); console.log(JSON.stringify([child.pid])); process.stdin.resume()`;
    const peer = await openPeer(script(source), { politeMs: 10_000, termMs: 10_000 });
    // Either may write first.
    const [pid] = [...JSON.parse(await peer.next()), ...JSON.parse(await peer.next())] as number[];
    if (pid === undefined) throw new Error("the child told no id");
    await peer.channel.close();
    expect(isRunning(pid)).toBe(false);
    expect(peer.log.at(-1)).toMatchObject({ fields: { code: 0 } });
  });
});
