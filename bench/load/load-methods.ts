import { Fleet, type DriveReport, type FleetOptions } from "./fleet.ts";
import { LargeReaders, type ReadersOptions } from "./large-readers.ts";
import { LatencyProbe, type ProbeOptions, type ProbeReport } from "./latency-probe.ts";
import { SessionWave, type WaveOptions } from "./session-wave.ts";
import { type CrowdOptions, type CrowdReport, StreamCrowd } from "./stream-crowd.ts";

/** What a load generator can be asked; `LoadProcess` calls these in another process. */
export class LoadMethods {
  readonly #fleets = new Map<string, Fleet>();
  #crowd: StreamCrowd | undefined;
  #readers: LargeReaders | undefined;
  #probe: LatencyProbe | undefined;
  #wave: SessionWave | undefined;

  async openFleet({ name, options }: { name: string; options: FleetOptions }): Promise<void> {
    this.#fleets.set(name, await Fleet.open(options));
  }

  drive({ name, requests }: { name: string; requests: number }): Promise<DriveReport> {
    return this.#fleet(name).drive(requests);
  }

  closeFleet({ name }: { name: string }): void {
    this.#fleet(name).close();
    this.#fleets.delete(name);
  }

  async openCrowd(options: CrowdOptions): Promise<void> {
    this.#crowd = await StreamCrowd.open(options);
  }

  reportCrowd(): CrowdReport {
    return present(this.#crowd, "crowd").report();
  }

  pingCrowd(): Promise<number> {
    return present(this.#crowd, "crowd").pingAll();
  }

  askAndStall(options: ReadersOptions): Promise<void> {
    this.#readers = new LargeReaders(options);
    return this.#readers.askAndStall();
  }

  finishReading(): Promise<readonly string[]> {
    return present(this.#readers, "reader").finish();
  }

  askAndRead(options: ReadersOptions): Promise<readonly string[]> {
    return new LargeReaders(options).askAndRead();
  }

  async startProbe(options: ProbeOptions): Promise<void> {
    this.#probe = await LatencyProbe.start(options);
  }

  stopProbe(): Promise<ProbeReport> {
    return present(this.#probe, "probe").stop();
  }

  openSessions(options: WaveOptions): Promise<number> {
    this.#wave = new SessionWave(options);
    return this.#wave.open();
  }

  endSessions(): Promise<void> {
    return present(this.#wave, "wave of sessions").end();
  }

  #fleet(name: string): Fleet {
    return present(this.#fleets.get(name), `fleet ${name}`);
  }
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}
