import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { descriptions } from "./descriptions.ts";
import { excuses } from "./excuses.ts";
import { openRoundTrip, type RoundTrip, type Trip } from "./round-trip.ts";
import { isThorough } from "./thorough.ts";

// Tools are called with arguments made up from their schemas, through a gateway and a socket, and a library that reads
// the description by itself judges what arrives.

const sample = isThorough() ? 40 : 4;
/** Share of the requests that are judged which has to be accepted without an excuse. */
const leastAccepted = 0.99;

const trips: Trip[] = [];

describe.each(descriptions.filter(({ isLarge = false }) => !isLarge || isThorough()))("$name", (description) => {
  let roundTrip: RoundTrip | undefined;

  beforeAll(async () => {
    roundTrip = await openRoundTrip(description, sample);
  }, 300_000);
  afterAll(() => roundTrip?.close());

  it("gets requests as it describes them", async () => {
    for await (const trip of roundTrip?.trips() ?? []) trips.push(trip);
  }, 600_000);
});

it("sends requests that are as described, but for excuses that are named", () => {
  const judged = trips.filter(({ outcome }) => outcome === "accepted" || outcome === "rejected");
  const rejected = judged.filter(({ outcome }) => outcome === "rejected");
  const excused = rejected.filter((trip) => excuses.some((excuse) => excuse.fits(trip)));
  const unexcused = rejected.filter((trip) => !excused.includes(trip));
  const count = (outcome: Trip["outcome"]): number => trips.filter((trip) => trip.outcome === outcome).length;
  const used = excuses.map(
    (excuse) => `${excused.filter((trip) => excuse.fits(trip)).length} ${excuse.name}: ${excuse.why}`,
  );
  process.stdout.write(
    [
      `${judged.length} requests judged, ${count("accepted")} accepted, ${excused.length} excused, ${unexcused.length} rejected;`,
      `${count("not-sent")} not sent, ${count("not-judged")} not judged\n  ${used.join("\n  ")}\n`,
    ].join(" "),
  );
  expect(unexcused.length / judged.length, unexcused.map(lineOf).join("\n")).toBeLessThanOrEqual(1 - leastAccepted);
  expect(excused.length / judged.length).toBeLessThan(0.1);
  expect(
    count("not-sent") / trips.length,
    trips
      .filter(({ outcome }) => outcome === "not-sent")
      .map(lineOf)
      .join("\n"),
  ).toBeLessThan(0.1);
  expect(
    count("not-judged") / trips.length,
    trips
      .filter(({ outcome }) => outcome === "not-judged")
      .map(lineOf)
      .join("\n"),
  ).toBeLessThan(0.1);
});

function lineOf({ description, operation, target, reason }: Trip): string {
  return `${description} ${operation} -> ${target}: ${reason}`;
}
