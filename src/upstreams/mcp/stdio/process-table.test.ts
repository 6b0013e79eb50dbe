import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { closePeers, openPeer, stdioCommand } from "../../../../test/fixtures/stdio-peer.ts";
import { isParentDead, ownMark, parentVariable } from "./parent-mark.ts";
import { hasProcessTable, listProcesses, readProcess, readResidentBytes, readVariable } from "./process-table.ts";

afterEach(closePeers);

describe.skipIf(!hasProcessTable)("the process table", () => {
  test("tells of a process whatever its program is called", async () => {
    const folder = await mkdtemp(join(tmpdir(), "passerelle-name-"));
    const program = join(folder, "a) Z 1 (b");
    await copyFile("/bin/cat", program);
    const peer = await openPeer(stdioCommand(program, []));
    await rm(folder, { recursive: true });
    expect(readProcess(peer.processId)).toMatchObject({ id: peer.processId, groupId: peer.processId, isDead: false });
    const listed: number[] = [];
    for await (const { id } of listProcesses()) listed.push(id);
    expect(listed).toEqual(expect.arrayContaining([process.pid, peer.processId]));
  });

  test("tells the memory and the environment that a process was started with", async () => {
    const peer = await openPeer(stdioCommand("cat", [], { env: { COLOUR: "red=dark" } }));
    expect(readVariable(peer.processId, "COLOUR")).toBe("red=dark");
    expect(readVariable(peer.processId, "COLO")).toBeUndefined();
    expect(readVariable(peer.processId, parentVariable)).toBe(ownMark());
    expect(readResidentBytes(process.pid)).toBeGreaterThan(10_485_760);
  });

  test("does not know a process that is gone", async () => {
    const peer = await openPeer(stdioCommand("cat", []));
    await peer.channel.close();
    expect(readProcess(peer.processId)).toBeUndefined();
    expect(readResidentBytes(peer.processId)).toBe(0);
    expect(readVariable(peer.processId, "PATH")).toBeUndefined();
  });
});

describe.skipIf(!hasProcessTable)("a gateway", () => {
  test("is known by its id, its start and its namespace, so that nobody else's children are taken for leftovers", () => {
    const mark = ownMark() ?? "";
    const [id = "", start = "", ...namespace] = mark.split(":");
    expect(isParentDead(mark)).toBe(false);
    expect(isParentDead([id, `${start}0`, ...namespace].join(":"))).toBe(true);
    expect(isParentDead(["4194999", start, ...namespace].join(":"))).toBe(true);
    expect(isParentDead([id, `${start}0`, "pid", "[1]"].join(":"))).toBe(false);
    expect(isParentDead("")).toBe(false);
    expect(isParentDead("nobody's mark")).toBe(false);
  });

  test("that has ended and that its parent has not noticed is dead", async () => {
    // `sh` waits for `sleep`, not for the first one, which is its child and has ended.
    const child = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 1000"], { stdio: ["ignore", "pipe", "ignore"] });
    const id = await new Promise<number>((resolve) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    while (readProcess(id)?.isDead !== true) await new Promise((resolve) => setImmediate(resolve));
    const namespace = ownMark()?.split(":").slice(2).join(":");
    expect(isParentDead(`${id}:${readProcess(id)?.startTime}:${namespace}`)).toBe(true);
    child.kill("SIGKILL");
  });
});
