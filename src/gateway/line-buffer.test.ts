import { describe, expect, test } from "vitest";
import { LineBuffer } from "./line-buffer.ts";

describe("lines", () => {
  test("are taken as they were appended, beyond the usual size and beyond ASCII", () => {
    const lines = new LineBuffer(16);
    const appended = ["plain\n", `${"ü€😀".repeat(5_000)}\n`, "end\n"];
    for (const line of appended) lines.append(line);
    expect(lines.length).toBe(Buffer.byteLength(appended.join("")));
    expect(lines.take().toString()).toBe(appended.join(""));
    expect(lines.length).toBe(0);
    expect(lines.take()).toHaveLength(0);
  });

  test("go elsewhere while those that were taken are read, and into the same place afterwards", () => {
    const lines = new LineBuffer(16);
    lines.append("first\n");
    const first = lines.take();
    lines.append("second\n");
    expect(first.toString()).toBe("first\n");
    lines.giveBack(first);
    expect(lines.take().toString()).toBe("second\n");
    lines.append("third\n");
    expect(lines.take().buffer).toBe(first.buffer);
  });
});
