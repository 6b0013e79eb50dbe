import { Worker } from "node:worker_threads";
import { AppError } from "../../core/errors.ts";
import type { OpenApiChoices, OpenApiProgress, OpenApiSource } from "../../imports/openapi/openapi-import.ts";
import type { LoadDocument } from "../../imports/openapi/reading/document-set.ts";
import type { CompiledImport, MergeTask } from "../../imports/merge/merge-task.ts";
import type { CompileTask, FromWorker, ToWorker } from "./worker-messages.ts";
import { workerProgram } from "./worker-program.ts";

export interface WorkerOptions {
  /** Called in this thread for every document that the description references; enforces its own guard. */
  readonly load: LoadDocument;
  readonly progress?: (progress: OpenApiProgress) => void;
  /** A document that what is made is carried into, in the worker too: `merged` of the answer. */
  readonly merge?: MergeTask;
  /** Ends the worker; the promise rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Longest time, loading included; two minutes without it. */
  readonly timeoutMs?: number;
  /** Most memory for values; 900 MB without it. */
  readonly maxMemoryMb?: number;
}

/**
 * Compiles a description in a thread of its own, which ends with the answer, at the time limit, or when it is aborted;
 * the event loop of this one stays free. Rejects with `AppError`: what `compileOpenApi` says, `timed_out`, `cancelled`,
 * or `unprocessable` when the memory was not enough.
 */
export function compileInWorker(
  source: OpenApiSource,
  choices: OpenApiChoices,
  options: WorkerOptions,
): Promise<CompiledImport> {
  const { timeoutMs = 120_000, maxMemoryMb = 900, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(cancelled());
    const worker = startWorker({ source, choices, merge: options.merge }, maxMemoryMb);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      worker.removeAllListeners();
      // What a worker that was ended still has to say interests nobody.
      worker.on("error", () => undefined);
      void worker.terminate().then(settle, settle);
    };
    const fail = (error: unknown): void => end(() => reject(error));
    const onAbort = (): void => fail(cancelled());
    const timer = setTimeout(() => fail(tooSlow(source.name, timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.on("message", (message: FromWorker) => {
      switch (message.kind) {
        case "load":
          void answerLoad(worker, message.id, () => options.load(message.address));
          break;
        case "progress":
          options.progress?.({ done: message.done, all: message.all });
          break;
        case "done":
          end(() => resolve(message.result));
          break;
        case "failed":
          fail(new AppError(message.error.code, message.error.message));
          break;
      }
    });
    worker.on("error", (error) => fail(isOutOfMemory(error) ? tooMuchMemory(source.name, maxMemoryMb, error) : error));
    worker.on("exit", (code) =>
      fail(new AppError("internal", `The compiler ended without an answer (exit code ${code}).`)),
    );
  });
}

function startWorker(task: CompileTask, maxMemoryMb: number): Worker {
  return new Worker(workerProgram(), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
    execArgv: [],
  });
}

async function answerLoad(worker: Worker, id: number, load: () => Promise<string>): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const answer = (message: ToWorker): void => worker.postMessage(message);
  try {
    answer({ kind: "loaded", id, text: await load() });
  } catch (error) {
    const known =
      error instanceof AppError ? error : new AppError("internal", `It could not be loaded: ${String(error)}`);
    answer({ kind: "not-loaded", id, error: { code: known.code, message: known.message } });
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function tooMuchMemory(name: string, maxMemoryMb: number, cause: unknown): AppError {
  const message = `${name}: compiling it takes more than ${maxMemoryMb} MB of memory. Choose fewer operations, or import a part of the description.`;
  return new AppError("unprocessable", message, { cause });
}

function tooSlow(name: string, timeoutMs: number): AppError {
  return new AppError(
    "timed_out",
    `${name}: compiling it takes longer than ${Math.round(timeoutMs / 1_000)} s. Choose fewer operations, or import a part of the description.`,
  );
}

function cancelled(): AppError {
  return new AppError("cancelled", "The import was cancelled.");
}
