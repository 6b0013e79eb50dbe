import { compileInWorker } from "../../compose/openapi/compile-in-worker.ts";
import { descriptionLoader } from "../../compose/openapi/description-loader.ts";
import { AppError } from "../../core/errors.ts";
import type { OpenApiChoices, OpenApiImport, SourceText } from "../../imports/openapi/openapi-import.ts";
import { CommandFailure, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import { type LocatedSource, locateSource, readLocated } from "./description-source.ts";
import type { ImportFlags } from "./import-options.ts";
import { openApiReport } from "./openapi-report.ts";
import { writeFiles } from "./write-files.ts";

export interface OpenApiFlags extends ImportFlags {
  readonly baseUrl?: string;
  readonly all: boolean;
  readonly tag?: readonly string[];
  readonly path?: readonly string[];
  readonly method?: readonly string[];
  readonly operation?: readonly string[];
  readonly excludeTag?: readonly string[];
  readonly excludePath?: readonly string[];
  readonly excludeMethod?: readonly string[];
  readonly excludeOperation?: readonly string[];
  readonly excludeDeprecated: boolean;
  readonly overlay?: readonly string[];
  readonly header?: readonly string[];
  readonly allowPrivate?: readonly string[];
  readonly folder?: string;
  readonly maxDescription: string;
}

/**
 * `passerelle import openapi`: the document goes to standard output or a file, the report to the other stream. Answers
 * the exit code: 1 when an operation was refused or none became a tool. Fails with `CommandFailure`.
 */
export async function runOpenApiImport(name: string, flags: OpenApiFlags, terminal: Terminal): Promise<number> {
  const located = locateSource(name, flags.folder);
  const result = await tellRefusal(() => compile(located, flags, terminal));
  const { document, text, statistics } = result;
  const files =
    flags.out === undefined ? [] : await writeFiles([{ name: String(document["name"]), text }], flags.out, flags.force);
  if (flags.out === undefined) terminal.write(text);
  const tell = flags.out === undefined ? terminal.writeError : terminal.write;
  if (flags.report === "json") {
    const { report, secrets } = result;
    tell(`${JSON.stringify({ files, ...report, secrets, statistics }, undefined, 2)}\n`);
  } else tell(openApiReport(result, files));
  return statistics.refused > 0 || statistics.tools === 0 ? exitCodes.problems : exitCodes.ok;
}

async function compile(located: LocatedSource, flags: OpenApiFlags, terminal: Terminal): Promise<OpenApiImport> {
  const loader = {
    allow: flags.allowPrivate ?? [],
    allowKey: "--allow-private",
    headers: readHeaders(flags.header ?? []),
  };
  const load = descriptionLoader({
    ...loader,
    ...(located.address === undefined ? {} : { address: located.address }),
    ...(located.folder === undefined ? {} : { folder: located.folder }),
  });
  const source = await readLocated(located, load);
  const overlays: SourceText[] = [];
  for (const name of flags.overlay ?? []) {
    const overlay = locateSource(name, undefined);
    overlays.push(
      await readLocated(
        overlay,
        descriptionLoader({ ...loader, ...(overlay.folder === undefined ? {} : { folder: overlay.folder }) }),
      ),
    );
  }
  return compileInWorker({ ...source, overlays }, choicesOf(flags), {
    load,
    progress: progressOn(terminal),
    timeoutMs: longestMs,
  });
}

/** Somebody waits in front of it and may end it. */
const longestMs = 600_000;

function choicesOf(flags: OpenApiFlags): OpenApiChoices {
  const { name, prefix, baseUrl, maxDescription } = flags;
  return {
    ...(name === undefined ? {} : { name }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    descriptionLength: readLength(maxDescription),
    operations: {
      all: flags.all,
      excludeDeprecated: flags.excludeDeprecated,
      include: {
        tags: flags.tag ?? [],
        paths: flags.path ?? [],
        methods: flags.method ?? [],
        operations: flags.operation ?? [],
      },
      exclude: {
        tags: flags.excludeTag ?? [],
        paths: flags.excludePath ?? [],
        methods: flags.excludeMethod ?? [],
        operations: flags.excludeOperation ?? [],
      },
    },
  };
}

function readLength(text: string): number {
  if (/^\d{2,5}$/.test(text)) return Number(text);
  throw new CommandFailure(
    exitCodes.usage,
    `--max-description ${text}: it must be a number of characters from 10 to 99999`,
  );
}

function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const entries = lines.map((line): [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value.trimEnd()];
    // Its value may be a secret: it is not told.
    throw new CommandFailure(exitCodes.usage, "--header must be written as `Name: value`, in one line of ASCII");
  });
  return Object.fromEntries(entries);
}

async function tellRefusal(work: () => Promise<OpenApiImport>): Promise<OpenApiImport> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code === "internal") throw cause;
    const exitCode = cause.code === "unprocessable" ? exitCodes.problems : exitCodes.io;
    throw new CommandFailure(exitCode, cause.message, { cause });
  }
}

/** Lines on standard error, when somebody reads along. */
function progressOn(terminal: Terminal): (progress: { readonly done: number; readonly all: number }) => void {
  return ({ done, all }) => {
    if (terminal.isInteractive && all >= 1_000 && done % 500 === 0) {
      terminal.writeError(`${done} of ${all} operations …\n`);
    }
  };
}
