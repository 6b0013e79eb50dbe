/** One command of a text: its words, as the program would get them, and the line that it begins at. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** 1-based. */
  readonly line: number;
}
