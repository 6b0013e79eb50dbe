// The entry of the worker that `compile-in-worker.ts` starts; a program of its own, so it works at import.
import { parentPort, workerData } from "node:worker_threads";
import { parseYaml } from "../../adapters/yaml/parse-yaml.ts";
import { AppError } from "../../core/errors.ts";
import { countTokens } from "../../gateway/trial/count-tokens.ts";
import { compileOpenApi } from "../../imports/openapi/compile-openapi.ts";
import { judgeValue } from "./judge-value.ts";
import type { CompileTask, FromWorker, ToWorker } from "./worker-messages.ts";

const port = parentPort;
if (port === null) throw new Error("This program runs as a worker only.");

// Its only starter passes a task.
const { source, choices, merge } = workerData as CompileTask;
let lastId = 0;
const waiting = new Map<
  number,
  { readonly resolve: (text: string) => void; readonly reject: (error: AppError) => void }
>();

port.on("message", (message: ToWorker) => {
  const turn = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === "loaded") turn?.resolve(message.text);
  else turn?.reject(new AppError(message.error.code, message.error.message));
});

const tell = (message: FromWorker): void => port.postMessage(message);

try {
  const made = await compileOpenApi(source, choices, {
    parseYaml,
    countTokens,
    judge: judgeValue,
    progress: (progress) => tell({ kind: "progress", ...progress }),
    load: (address) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        tell({ kind: "load", id, address });
      }),
  });
  if (merge === undefined) tell({ kind: "done", result: made });
  else {
    const { mergeImport } = await import("../../imports/merge/merge-import.ts");
    const merged = mergeImport({ base: merge.base, theirs: made.document, mine: merge.mine }, merge.options);
    tell({ kind: "done", result: { ...made, merged } });
  }
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  tell({ kind: "failed", error: { code: error.code, message: error.message } });
} finally {
  port.close();
}
