import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { openTurnstile } from "./client-turnstile.ts";

const source = new URL("client-harness.ts", import.meta.url);

/**
 * Runs `use` with the command that starts a client of the suite. The client is bundled into `folder`, so
 * that dozens of them start at once, and runs under the Node.js that runs this, not that of the suite.
 */
export async function withClientCommand<Result>(
  folder: URL,
  use: (command: string) => Promise<Result>,
): Promise<Result> {
  await build({
    entryPoints: [fileURLToPath(source)],
    outdir: fileURLToPath(folder),
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node20.19",
    format: "esm",
    logLevel: "warning",
  });
  const turnstile = await openTurnstile(availableParallelism());
  try {
    const program = fileURLToPath(new URL("client-harness.js", folder));
    const command = [process.execPath, program, String(turnstile.port)];
    // The suite splits at spaces and knows no quotes.
    if (command.some((part) => part.includes(" "))) throw new Error(`The suite cannot start ${command.join(" ")}.`);
    return await use(command.join(" "));
  } finally {
    await turnstile.close();
  }
}
