import type { ChildProcess } from "node:child_process";
import { ChildCaller } from "../harness/calls.ts";
import type { LoadMethods } from "./load-methods.ts";

type MethodName = keyof LoadMethods;
type ParametersOf<M extends MethodName> = Parameters<LoadMethods[M]>[0];
type ResultOf<M extends MethodName> = Awaited<ReturnType<LoadMethods[M]>>;

/** A load generator in a process of its own: the methods of `LoadMethods`, run there. */
export class LoadProcess {
  /** Ends the process. */
  readonly stop: () => Promise<void>;
  readonly #caller: ChildCaller;

  constructor(child: ChildProcess, stop: () => Promise<void>) {
    this.#caller = new ChildCaller(child);
    this.stop = stop;
  }

  /** Runs a method there. Rejects as it does, when the process ends, or after the deadline. */
  async ask<M extends MethodName>(method: M, parameters: ParametersOf<M>, deadlineMs = 120_000): Promise<ResultOf<M>> {
    // The other side runs this very method; a structured clone of its result comes back.
    return (await this.#caller.call(method, parameters, deadlineMs)) as ResultOf<M>;
  }
}
