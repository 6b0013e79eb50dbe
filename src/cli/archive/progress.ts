import type { Terminal } from "../terminal.ts";

/** How many things pass between two lines. */
const step = 1_000;

/** Tells now and then how far a long command is, when somebody reads along. */
export function progressOf(terminal: Terminal): (what: string, count: number) => void {
  return (what, count) => {
    if (terminal.isInteractive && count % step === 0) terminal.writeError(`${count} ${what} …\n`);
  };
}
