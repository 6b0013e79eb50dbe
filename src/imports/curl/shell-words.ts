import { AppError } from "../../core/errors.ts";
import { splitCmd } from "./cmd-words.ts";
import { readAnsiQuoted } from "./ansi-quoted.ts";
import type { ShellCommand } from "./shell-command.ts";

/**
 * Cuts a text into commands and words as a shell does: POSIX quoting, `$'…'`, line continuations, comments, `;`, `&&`,
 * `|`; or that of cmd.exe where the text is written for it (`^"`). Variables and substitutions are left as they are
 * written: nothing is run, nothing is looked up. Throws `unprocessable` with the line for a quote that is not closed.
 */
export function splitShell(text: string): ShellCommand[] {
  const plain = text.replace(/\r\n?/g, "\n");
  return isForCmd(plain) ? splitCmd(plain) : new PosixSplitter(plain).split();
}

/**
 * Browsers quote by `^"` for cmd.exe, and its lines are continued by a caret. Where the first quote is another one, or
 * where a backslash continues the line, the same signs are text of a POSIX shell.
 */
function isForCmd(text: string): boolean {
  const start = /^[^'"]*/.exec(text)?.[0] ?? "";
  if (text.charAt(start.length) === "'" || /\\\n/.test(start)) return false;
  return /\s\^$|\s\^\n/.test(start) || /(?<!\\)"[ \t]+\^\n/.test(text);
}

class PosixSplitter {
  readonly #text: string;
  #at = 0;
  #line = 1;
  readonly #commands: ShellCommand[] = [];
  #words: string[] = [];
  /** Line of the first word of the command. */
  #start = 1;
  /** The word that is being read; absent between words. */
  #word: string | undefined;
  /** The next word is a file of a redirection, no argument. */
  #isRedirected = false;

  constructor(text: string) {
    this.#text = text;
  }

  split(): ShellCommand[] {
    while (this.#at < this.#text.length) this.#step(this.#text.charAt(this.#at));
    this.#endCommand();
    return this.#commands;
  }

  #step(character: string): void {
    if (character === "\n" || ";&|".includes(character)) {
      this.#at++;
      this.#endCommand();
      if (character === "\n") this.#line++;
    } else if (character === " " || character === "\t") {
      this.#at++;
      this.#endWord();
    } else if (character === "#" && this.#word === undefined) {
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    } else if (character === "'") this.#append(this.#quoted("'"));
    else if (character === '"') this.#append(this.#doubleQuoted());
    else if (character === "$" && this.#text.charAt(this.#at + 1) === "'") this.#append(this.#ansiQuoted());
    else if (character === "$" && this.#text.charAt(this.#at + 1) === "(") this.#append(this.#substitution());
    else if (character === "\\") this.#escape();
    else if (character === "<" || character === ">") this.#redirect();
    else {
      this.#at++;
      this.#append(character);
    }
  }

  #append(text: string): void {
    if (this.#words.length === 0 && this.#word === undefined) this.#start = this.#line;
    this.#word = (this.#word ?? "") + text;
  }

  #endWord(): void {
    if (this.#word === undefined) return;
    if (this.#isRedirected) this.#isRedirected = false;
    else this.#words.push(this.#word);
    this.#word = undefined;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.#commands.push({ words: this.#words, line: this.#start });
    this.#words = [];
    this.#isRedirected = false;
  }

  /** `>FILE`, `2>&1`. Pages also write `<id>` where something is to be filled in: that is text. */
  #redirect(): void {
    const placeholder = /<[\w-]+>/y;
    placeholder.lastIndex = this.#at;
    const found = placeholder.exec(this.#text)?.[0];
    if (found !== undefined) return this.#append(this.#take(this.#at + found.length));
    if (this.#word !== undefined && /^\d$/.test(this.#word)) this.#word = undefined;
    this.#endWord();
    const operator = /[<>]+&?/y;
    operator.lastIndex = this.#at;
    this.#take(this.#at + (operator.exec(this.#text)?.[0].length ?? 1));
    this.#isRedirected = true;
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    this.#at += 2;
    if (next === "\n") this.#line++;
    // A backslash at the very end is itself.
    else this.#append(next === "" ? "\\" : next);
  }

  #quoted(quote: string): string {
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) throw this.#unclosed(quote);
    return this.#take(end + 1).slice(1, -1);
  }

  /** In double quotes a backslash escapes `"`, `\`, `$`, a backtick and a line break, and is itself before anything else. */
  #doubleQuoted(): string {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text.charAt(end) !== '"') end += this.#text.charAt(end) === "\\" ? 2 : 1;
    if (end >= this.#text.length) throw this.#unclosed('"');
    return this.#take(end + 1)
      .slice(1, -1)
      .replace(/\\([\\"$`\n])/g, (_, escaped: string) => (escaped === "\n" ? "" : escaped));
  }

  #ansiQuoted(): string {
    const quoted = readAnsiQuoted(this.#text, this.#at + 2);
    if (quoted === undefined) throw this.#unclosed("$'");
    this.#take(quoted.end);
    return quoted.text;
  }

  /** `$(…)` is one part of a word, with its spaces; it is not run. */
  #substitution(): string {
    let depth = 0;
    for (let end = this.#at + 1; end < this.#text.length; end++) {
      const character = this.#text.charAt(end);
      if (character === "(") depth++;
      else if (character === ")" && --depth === 0) return this.#take(end + 1);
    }
    throw this.#unclosed("$(");
  }

  /** The text up to `end`, with its lines counted. */
  #take(end: number): string {
    const taken = this.#text.slice(this.#at, end);
    this.#at = end;
    this.#line += taken.split("\n").length - 1;
    return taken;
  }

  #unclosed(quote: string): AppError {
    return new AppError("unprocessable", `line ${this.#line}: the ${quote} is never closed; copy the whole command`);
  }
}
