import { describe, expect, it } from "vitest";
import { WatchCounter } from "./watch-counter.ts";

describe("a count of watchers", () => {
  it("tells the first and the last of each resource, and whether anybody watches", () => {
    const told: string[][] = [];
    const counter = new WatchCounter((uris) => told.push([...uris]));
    const ends = [undefined, "a:", "a:", "b:"].map((uri) => counter.add(uri));
    expect(told).toEqual([[], ["a:"], ["a:", "b:"]]);
    for (const end of [...ends, ...ends]) end();
    expect(told.slice(3)).toEqual([["b:"], []]);
    expect(counter.count).toBe(0);
  });

  it("does not hear of more than ten thousand resources", () => {
    let changes = 0;
    const counter = new WatchCounter(() => changes++);
    const ends = Array.from({ length: 10_001 }, (_, index) => counter.add(`file:///${index}`));
    expect({ heard: counter.uris.size, changes, watchers: counter.count }).toEqual({
      heard: 10_000,
      changes: 10_000,
      watchers: 10_001,
    });
    ends.pop()?.();
    expect(changes).toBe(10_000);
    for (const end of ends) end();
    expect(counter.uris.size).toBe(0);
  });
});
