import { readdir, readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What is read of a `.cpuprofile` (format of the Chrome DevTools protocol, `Profiler.Profile`). */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds between the samples. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

const shownFunctions = 45;
const shownFiles = 30;
/** Frames that stand for doing nothing. */
const idleNames = new Set(["(idle)", "(root)"]);

/** Where the CPU time of profiled gateways went, by function and by file, as text. */
export async function summarizeProfiles(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile")).sort();
  const texts: string[] = [];
  for (const file of files) {
    // Written by the gateway's own `--cpu-prof` just now.
    const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile;
    texts.push(`\n${join(folder, file)}\n${await summarize(profile)}`);
  }
  return texts.join("\n");
}

async function summarize(profile: CpuProfile): Promise<string> {
  const selfUs = new Map<number, number>();
  profile.samples.forEach((node, index) => {
    selfUs.set(node, (selfUs.get(node) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  const places = new Places();
  const byFunction = new Map<string, number>();
  const byFile = new Map<string, number>();
  let total = 0;
  for (const node of profile.nodes) {
    const us = selfUs.get(node.id) ?? 0;
    if (us === 0 || idleNames.has(node.callFrame.functionName)) continue;
    const { name, place } = await places.resolve(node);
    total += us;
    add(byFunction, `${name}  ${place}`, us);
    add(byFile, place.replace(/:\d+$/, ""), us);
  }
  return `${tableOf("function", byFunction, total, shownFunctions)}\n${tableOf("file", byFile, total, shownFiles)}`;
}

function add(sums: Map<string, number>, key: string, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us);
}

function tableOf(head: string, sums: ReadonlyMap<string, number>, total: number, shown: number): string {
  const sorted = [...sums].sort((a, b) => b[1] - a[1]).slice(0, shown);
  const lines = sorted.map(([key, us]) => `${((us / total) * 100).toFixed(1).padStart(6)} %  ${key}`);
  return [`  self     ${head} (busy time ${(total / 1e6).toFixed(1)} s)`, ...lines, ""].join("\n");
}

/** Finds the source of functions in bundled files through their source maps. */
class Places {
  readonly #maps = new Map<string, Promise<SourceMap | undefined>>();

  async resolve({ callFrame }: ProfileNode): Promise<{ name: string; place: string }> {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    const name = functionName === "" ? "(anonymous)" : functionName;
    if (!url.startsWith("file:")) return { name, place: url === "" ? "(native)" : url };
    const file = fileURLToPath(url);
    const entry = (await this.#mapOf(file))?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !("originalSource" in entry) || entry.originalSource === undefined) {
      return { name, place: `${basename(file)}:${lineNumber + 1}` };
    }
    const source = entry.originalSource.replace(/^(\.\.\/)+/, "");
    return { name, place: `${relative("", source)}:${entry.originalLine + 1}` };
  }

  #mapOf(file: string): Promise<SourceMap | undefined> {
    let map = this.#maps.get(file);
    if (map === undefined) {
      map = readMap(`${file}.map`);
      this.#maps.set(file, map);
    }
    return map;
  }
}

async function readMap(file: string): Promise<SourceMap | undefined> {
  try {
    return new SourceMap(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
