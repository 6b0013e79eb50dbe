/** What the program's exit codes mean, in sysexits' numbers where they have one. */
export const exitCodes = {
  ok: 0,
  problems: 1,
  usage: 2,
  changes: 3,
  internal: 70,
  io: 74,
} as const;

/** The table as `--help` shows it. */
export const exitCodeHelp = `Exit codes:
  0   success
  1   problems found in the configuration or the settings
  2   the command line was not understood
  3   plan --detailed-exit-code: there are changes
  70  internal error (please report it)
  74  a path cannot be read, an address cannot be listened on, a gateway cannot be reached`;

/** An end of a command that was told to the user in one sentence, without a stack. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
