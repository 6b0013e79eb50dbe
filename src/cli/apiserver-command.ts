import { type ProcessParts, startApiserverProcess } from "../compose/apiserver-process.ts";
import type { StartedApiserver } from "../compose/apiserver.ts";
import { encryptionKeys } from "./encryption-keys.ts";
import { exitCodes } from "./exit-codes.ts";
import { endAtOnce, listening, settle } from "./gateway-command.ts";
import { serveUntilSignal } from "./serve-until-signal.ts";
import type { Terminal } from "./terminal.ts";

/** `passerelle apiserver`: the control plane until a signal. Answers the exit code. */
export async function runApiserver(flags: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<number> {
  const settings = settle(flags, terminal);
  const { environment } = terminal;
  const parts: ProcessParts = { settings, encryptionKeys: await encryptionKeys(settings), environment };
  const apiserver = await listening(startApiserverProcess(parts));
  if (terminal.isInteractive) terminal.write(`Listening on ${apiserver.url}\n`);
  terminal.write(administratorText(apiserver));
  await serveUntilSignal({ reload: async () => undefined, close: () => apiserver.close() }, process, endAtOnce);
  return exitCodes.ok;
}

/** What the operator has to know of the first administrator; empty when there are users already. */
export function administratorText({ firstAdministrator }: StartedApiserver): string {
  switch (firstAdministrator.kind) {
    case "present":
      return "";
    case "made":
      return `The first administrator is ${firstAdministrator.email}, with the password of the settings.\n`;
    case "link":
      return `Nobody can sign in yet. Whoever opens this link first becomes the administrator:\n  ${firstAdministrator.url}\n`;
  }
}
