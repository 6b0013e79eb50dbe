import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LoadProcess } from "../load/load-process.ts";
import { buildPrograms, type ProgramName } from "./build-programs.ts";
import { awaitListening } from "./calls.ts";
import { Children } from "./children.ts";
import { detectPinning, type Pinning } from "./pinning.ts";

/** A server program of the benchmark that listens. */
export interface ServerProgram {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  /** Which CPU it gets. */
  readonly role: "measured" | "surroundings";
}

/**
 * What every suite works with: built programs, the processes that run, a folder for files. Whoever
 * opens it closes it; then no process and no file is left.
 */
export class Workshop {
  readonly children: Children;
  readonly pinning: Pinning;
  /** A folder for configuration and logs; removed at the end. */
  readonly folder: string;
  /** Where results stay. */
  readonly resultsFolder: string;
  /** Where measured processes write CPU profiles when they end; absent when nothing is profiled. */
  readonly profileFolder: string | undefined;
  readonly #programs: Readonly<Record<ProgramName, string>>;
  #backend: Promise<ServerProgram> | undefined;
  #profiles = 0;

  private constructor(parts: {
    pinning: Pinning;
    folder: string;
    resultsFolder: string;
    profileFolder: string | undefined;
    programs: Readonly<Record<ProgramName, string>>;
  }) {
    this.children = new Children();
    this.pinning = parts.pinning;
    this.folder = parts.folder;
    this.resultsFolder = parts.resultsFolder;
    this.profileFolder = parts.profileFolder;
    this.#programs = parts.programs;
  }

  /** With `isProfiling` every measured process leaves a CPU profile. */
  static async open(isProfiling: boolean): Promise<Workshop> {
    const resultsFolder = fileURLToPath(new URL("../../results/bench", import.meta.url));
    const programs = await buildPrograms(join(resultsFolder, "programs"));
    const folder = await mkdtemp(join(tmpdir(), "passerelle-bench-"));
    const profileFolder = isProfiling ? join(resultsFolder, "profiles") : undefined;
    if (profileFolder !== undefined) await rm(profileFolder, { recursive: true, force: true });
    return new Workshop({ pinning: await detectPinning(), folder, resultsFolder, profileFolder, programs });
  }

  /** The REST backend, started at the first use and shared by all suites. */
  backend(): Promise<ServerProgram> {
    this.#backend ??= this.serve("backend", { role: "surroundings" });
    return this.#backend;
  }

  /** Starts one of the benchmark's server programs and waits until it listens. */
  async serve(name: ProgramName, options: StartOptions): Promise<ServerProgram> {
    const flags = options.role === "measured" ? this.profileFlags(name) : [];
    const command = [process.execPath, ...flags, this.#programs[name], ...(options.args ?? [])];
    const child = await this.children.start({ command: this.pinning[options.role](command), channel: true });
    const port = await awaitListening(child);
    const { pid } = child;
    if (pid === undefined) throw new Error("A process that listens has an id.");
    return { pid, port, stop: () => this.children.stop(child) };
  }

  /** Where a program lies, for those that others start. */
  programPath(name: ProgramName): string {
    return this.#programs[name];
  }

  /** Starts a load generator of its own; it ends with `stop`. */
  async startLoad(): Promise<LoadProcess> {
    const command = this.pinning.surroundings([process.execPath, this.#programs.load]);
    const child = await this.children.start({ command, channel: true });
    return new LoadProcess(child, () => this.children.stop(child));
  }

  /** Flags of Node that make a process leave a profile named after it; none when nothing is profiled. */
  profileFlags(name: string): readonly string[] {
    if (this.profileFolder === undefined) return [];
    const file = `${name}-${++this.#profiles}.cpuprofile`;
    return ["--cpu-prof", `--cpu-prof-dir=${this.profileFolder}`, `--cpu-prof-name=${file}`, "--cpu-prof-interval=250"];
  }

  async close(): Promise<void> {
    this.children.killAll();
    await rm(this.folder, { recursive: true, force: true });
  }
}
