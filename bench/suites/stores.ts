import { readDocument } from "../../src/adapters/yaml/read-document.ts";
import { type DatabaseKind, databaseKinds } from "../../test/fixtures/databases.ts";
import { median } from "../harness/statistics.ts";
import { type FilledStore, openFilledStore, storedText, toolsPerServer } from "./filled-store.ts";
import type { Bench, Mode, RowResult, RowSpec, Suite } from "./suite.ts";

const manyDocuments: Readonly<Record<Mode, number>> = { full: 10_000, quick: 1_000 };
/** Enough for a page. */
const fewDocuments = 60;
const repetitions: Readonly<Record<Mode, number>> = { full: 60, quick: 20 };
const pageSize = 50;
/** Documents that are parsed to know what parsing costs. */
const parsedDocuments = 200;

type Work = "save" | "list" | "changes" | "read";
/** Times in milliseconds: with many documents, and what they are compared with. */
type Times = Readonly<Record<Work, { readonly many: number; readonly base: number }>>;

const limits: Readonly<Record<Work, number>> = { save: 2, list: 4, changes: 2, read: 1 };
const specs: Readonly<Record<Work, RowSpec>> = {
  save: spec("save", `a save among 10,000 documents in a database, to one among ${fewDocuments}`),
  list: spec("list", `the first ${pageSize} of 10,000 documents in a database, to those of ${fewDocuments}`),
  changes: spec("changes", `what one save changed among 10,000 documents in a database, to among ${fewDocuments}`),
  read: spec("read", `fetching 10,000 documents with ${toolsPerServer} tools from a database, to parsing them`),
};

function spec(work: Work, text: string): RowSpec {
  return { name: `store-${work}`, work: text, limit: `<= ${limits[work]}` };
}

/** Whether databases stay usable with very many documents. The slowest one counts. */
export const stores: Suite = {
  rows: Object.values(specs),
  measure: async (bench, wanted) => {
    const measured = new Map<string, Times>();
    for (const kind of await databaseKinds()) {
      if (kind.missing === undefined) measured.set(kind.name, await measureKind(bench, kind));
    }
    const works = Object.keys(specs) as Work[]; // its own keys
    return works.map((work) => toRow(work, measured, manyDocuments[bench.mode])).filter(({ name }) => wanted.has(name));
  },
};

async function measureKind({ mode, onStep }: Bench, kind: DatabaseKind): Promise<Times> {
  onStep(`stores: filling ${kind.name}`);
  const few = await openFilledStore(kind, fewDocuments);
  const many = await openFilledStore(kind, manyDocuments[mode]);
  try {
    onStep(`stores: ${kind.name}, single requests`);
    const single = await measureSingle(many, few, repetitions[mode]);
    onStep(`stores: ${kind.name}, fetching everything`);
    return { ...single, read: await measureRead(many, manyDocuments[mode]) };
  } finally {
    await few.drop();
    await many.drop();
  }
}

interface Samples {
  readonly many: number[];
  readonly base: number[];
}

/** Both stores in turn, so that whatever else the machine does meets both. */
async function measureSingle(many: FilledStore, few: FilledStore, rounds: number): Promise<Omit<Times, "read">> {
  const samples = (): Samples => ({ many: [], base: [] });
  const times = { save: samples(), list: samples(), changes: samples() };
  for (let round = 0; round < rounds; round++) {
    for (const [side, filled] of [
      ["many", many],
      ["base", few],
    ] as const) {
      const saving = await timed(() => filled.save(round % fewDocuments, `round ${round}`));
      times.save[side].push(saving.ms);
      times.list[side].push((await timed(() => filled.store.list({ limit: pageSize }))).ms);
      const changing = await timed(() => filled.store.changesSince(saving.answer.revision - 1));
      if (changing.answer.changed.length !== 1) throw new Error("One save is one change.");
      times.changes[side].push(changing.ms);
    }
  }
  return { save: middle(times.save), list: middle(times.list), changes: middle(times.changes) };
}

async function measureRead({ store }: FilledStore, documents: number): Promise<Times["read"]> {
  const parsing = Array.from({ length: parsedDocuments }, (_, index) => storedText(index)).map((text) => {
    const startedAt = performance.now();
    const { document } = readDocument({ text, line: 0 }, { key: "x", file: "x", hash: "" });
    if (document === undefined) throw new Error("The documents of the benchmark are in order.");
    return performance.now() - startedAt;
  });
  const { ms, answer } = await timed(() => store.changesSince(0));
  if (answer.changed.length !== documents) throw new Error("Every document is fetched.");
  return { many: ms, base: median(parsing) * documents };
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly answer: T }> {
  const startedAt = performance.now();
  const answer = await work();
  return { ms: performance.now() - startedAt, answer };
}

function middle({ many, base }: Samples): Times["save"] {
  return { many: median(many), base: median(base) };
}

function toRow(work: Work, measured: ReadonlyMap<string, Times>, documents: number): RowResult {
  const { name } = specs[work];
  const all = [...measured].map(([kind, times]) => ({
    kind,
    ...times[work],
    ratio: times[work].many / times[work].base,
  }));
  const worst = Math.max(...all.map(({ ratio }) => ratio));
  const remarks = all.map(
    ({ kind, many, ratio }) => `${kind} ${ratio.toFixed(2)}, ${many.toFixed(many < 100 ? 1 : 0)} ms`,
  );
  return {
    name,
    measured: worst.toFixed(2),
    isOk: worst <= limits[work],
    remark: `${documents.toLocaleString("en")} documents: ${remarks.join("; ")}`,
    figures: all,
  };
}
