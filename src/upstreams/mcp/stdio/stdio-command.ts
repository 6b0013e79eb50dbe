/** A program to start, with every secret written in. */
export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** On top of the minimal environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string | undefined;
  readonly maxMessageBytes: number;
  /** Of the whole process group; undefined for no limit. */
  readonly maxMemoryBytes: number | undefined;
  /** For messages: "The upstream `files`". */
  readonly label: string;
  /** The document's key for messages: "upstreams.files". */
  readonly key: string;
}
