import fc from "fast-check";
import { expect, it } from "vitest";
import { SlotList } from "./slot-list.ts";

it("holds what a Set would hold", () => {
  const action = fc.record({ member: fc.nat(9), adds: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const members = Array.from({ length: 10 }, (_, name) => ({ name, slot: -1 }));
      const list = new SlotList<{ name: number; slot: number }>();
      const set = new Set<number>();
      for (const { member, adds } of actions) {
        const chosen = members[member];
        if (chosen === undefined) continue;
        if (adds && !set.has(member)) list.add(chosen);
        if (!adds) expect(list.delete(chosen)).toBe(set.has(member));
        if (adds) set.add(member);
        else set.delete(member);
      }
      expect(new Set(list.toArray().map(({ name }) => name))).toEqual(set);
      expect(list.size).toBe(set.size);
      expect(members.filter(({ slot }) => slot !== -1)).toHaveLength(set.size);
    }),
  );
});
