/** What a command writes to and may ask of the outside; the process itself in production. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Somebody reads along: colours and source lines help. */
  readonly isInteractive: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** The terminal of a process. Colours follow NO_COLOR and FORCE_COLOR (no-color.org). */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { env } = process;
  const isForced = (env["FORCE_COLOR"] ?? "0") !== "0";
  const isPlain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  for (const stream of [process.stdout, process.stderr]) stream.on("error", passOverClosedPipe);
  return {
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    isInteractive: isForced || (process.stdout.isTTY === true && !isPlain),
    environment: env,
  };
}

/** Whoever reads along has seen enough, as `head` does: no reason for a stack, nor for a gateway to end. */
function passOverClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Answers how text is styled on this terminal: not at all when nobody reads along. */
export function styler({ isInteractive }: Terminal): (style: Style, text: string) => string {
  return (style, text) => {
    if (!isInteractive) return text;
    const [open, close] = codes[style];
    return `\u001b[${open}m${text}\u001b[${close}m`;
  };
}
