import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { descriptions } from "./descriptions.ts";
import { excuses } from "./excuses.ts";
import { openRoundTrip, type RoundTrip, type Trip } from "./round-trip.ts";
import { isThorough } from "./thorough.ts";

// Tools are called with arguments made up from their schemas, through a gateway and a socket, and a library that reads
// the description by itself judges what arrives.

/** Operations of each description; each is called twice. */
const sample = isThorough() ? 20 : 3;
/** Share of the requests that are judged which has to be accepted without an excuse. */
const leastAccepted = 0.99;
/** Share of what is excused, of what cannot be sent, and of what cannot be judged. */
const mostOfEach = 0.1;

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

it("sends requests that are as described, but for excuses that are named", ({ task }) => {
  const judged = withOutcome("accepted", "rejected");
  const rejected = withOutcome("rejected");
  const excused = rejected.filter((trip) => excuses.some((excuse) => excuse.fits(trip)));
  const unexcused = rejected.filter((trip) => !excused.includes(trip));
  const notSent = withOutcome("not-sent");
  const notJudged = withOutcome("not-judged");
  task.meta.trips = {
    judged: judged.length,
    accepted: judged.length - rejected.length,
    excused: excuses.map(({ name, why, fits }) => ({ name, why, count: excused.filter(fits).length })),
    rejected: unexcused.length,
    notSent: notSent.length,
    notJudged: notJudged.length,
  };
  process.stdout.write(`${JSON.stringify(task.meta.trips, undefined, 2)}\n`);
  expect(unexcused.length / judged.length, linesOf(unexcused)).toBeLessThanOrEqual(1 - leastAccepted);
  expect(excused.length / judged.length, linesOf(excused)).toBeLessThan(mostOfEach);
  expect(notSent.length / trips.length, linesOf(notSent)).toBeLessThan(mostOfEach);
  expect(notJudged.length / trips.length, linesOf(notJudged)).toBeLessThan(mostOfEach);
});

function withOutcome(...outcomes: readonly Trip["outcome"][]): readonly Trip[] {
  return trips.filter(({ outcome }) => outcomes.includes(outcome));
}

function linesOf(some: readonly Trip[]): string {
  return some
    .map(({ description, operation, target, reason }) => `${description} ${operation} -> ${target}: ${reason}`)
    .join("\n");
}
