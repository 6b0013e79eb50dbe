import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve, sep } from "node:path";
import { performance } from "node:perf_hooks";
import type { McpUpstreamConfig } from "../../core/config/mcp-upstream-schema.ts";
import { AppError } from "../../core/errors.ts";
import type { Log, LogFields } from "../../core/log.ts";
import { anonymous } from "../../core/principal.ts";
import type { ProbeStep } from "../../core/upstream-probe.ts";
import { openReach } from "../mcp/open-reach.ts";
import { openTokenSource } from "../mcp/oauth/open-token-source.ts";
import { childEnvironment } from "../mcp/stdio/child-environment.ts";
import { usualStopTimes } from "../mcp/stdio/stdio-channel.ts";
import type { ProbeOptions } from "./probe-http.ts";
import { describeServer, openProbed, planMcp } from "./probe-mcp.ts";
import { StepMaker } from "./step-maker.ts";

/** Looks at a program that speaks MCP: it is started, greeted, asked for its tools, and ended. */
export async function* probeProgram(
  name: string,
  config: McpUpstreamConfig & { readonly command: string },
  baseDirectory: string | undefined,
  { secrets, signal }: ProbeOptions,
): AsyncGenerator<ProbeStep, void, undefined> {
  const plan = planMcp(name, config, baseDirectory);
  const steps = new StepMaker(secrets, () => performance.now());
  const stderr = new LastLines();
  let isStarted = false;
  const reach = openReach(plan, {
    secrets,
    log: stderr,
    openTokens: openTokenSource,
    wrapProgram: (open) => async (reader, attempt) => {
      const channel = await open(reader, attempt);
      isStarted = true;
      return channel;
    },
  });
  if (reach instanceof AppError) {
    yield steps.failed("configuration", reach, "");
    return;
  }
  yield steps.step("configuration", { outcome: "ok", message: "The configuration is complete." });
  yield await findCommand(config, baseDirectory, steps);
  try {
    steps.begin();
    const connection = await openProbed(plan, reach.connect(anonymous), signal);
    try {
      yield steps.step("start", { outcome: "ok", message: "The program starts and answers." });
      yield await describeServer(plan, connection, steps, "stdio");
    } finally {
      steps.begin();
      await connection.close();
    }
    yield steps.step("end", judgeEnd(steps));
  } catch (error) {
    const reason = error instanceof AppError ? error.message : "The program cannot be used.";
    const details = stderr.text === "" ? {} : { details: { stderr: stderr.text } };
    if (isStarted) yield steps.step("start", { outcome: "ok", message: "The program starts." });
    yield steps.step(isStarted ? "protocol" : "start", { outcome: "failed", message: reason, ...details });
  } finally {
    await reach.close(0);
  }
}

function judgeEnd(steps: StepMaker): Pick<ProbeStep, "outcome" | "message"> {
  if (steps.elapsedMs < usualStopTimes.politeMs) {
    return { outcome: "ok", message: "It ends by itself when its input ends." };
  }
  const message = "It had to be ended by a signal: it should end when its standard input does.";
  return { outcome: "warning", message };
}

async function findCommand(
  { command, cwd, env }: McpUpstreamConfig & { readonly command: string },
  baseDirectory: string | undefined,
  steps: StepMaker,
): Promise<ProbeStep> {
  const folder = cwd === undefined ? (baseDirectory ?? ".") : resolve(baseDirectory ?? ".", cwd);
  const isPath = command.includes("/") || command.includes(sep);
  // A PATH out of a template is known to the child only.
  const searched = childEnvironment(env)["PATH"] ?? "";
  const candidates = isPath
    ? [isAbsolute(command) ? command : resolve(folder, command)]
    : searched.split(delimiter).map((directory) => join(resolve(folder, directory), command));
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate))) continue;
    const details = { path: candidate };
    return steps.step("command", { outcome: "ok", message: `\`${command}\` is \`${candidate}\`.`, details });
  }
  const message = `There is no program \`${command}\`. Install it, or give its full path in \`command\`.`;
  return steps.step("command", { outcome: "failed", message });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // absent, or not ours to run: the same here
  }
}

/** Takes what a program wrote to its standard error before it ended out of the log's fields. */
class LastLines implements Log {
  text = "";

  debug(_event: string, fields?: LogFields): void {
    this.#take(fields);
  }

  info(_event: string, fields?: LogFields): void {
    this.#take(fields);
  }

  warn(_event: string, fields?: LogFields): void {
    this.#take(fields);
  }

  error(_event: string, fields?: LogFields): void {
    this.#take(fields);
  }

  #take(fields: LogFields | undefined): void {
    const lines = fields?.["lastLines"];
    if (Array.isArray(lines)) this.text = lines.join("\n").slice(0, 2_000);
    else if (typeof lines === "string") this.text = lines.slice(0, 2_000);
  }
}
