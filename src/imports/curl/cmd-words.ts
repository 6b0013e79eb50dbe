import { AppError } from "../../core/errors.ts";
import type { ShellCommand } from "./shell-command.ts";

/** Cuts a text for cmd.exe into commands and words: carets first, then quotes as programs of Windows read them. */
export function splitCmd(text: string): ShellCommand[] {
  return cmdLines(text).flatMap(({ text, line }) => {
    const words = splitArguments(text, line);
    return words.length === 0 ? [] : [{ words, line }];
  });
}

interface CmdLine {
  readonly text: string;
  readonly line: number;
}

/**
 * What cmd.exe hands on, command by command: outside of plain quotes a caret makes the next character mean itself, and
 * a caret before a line break joins the lines (a second line break behind it is a character). `&` and line breaks end
 * a command.
 */
function cmdLines(text: string): CmdLine[] {
  const lines: CmdLine[] = [];
  let command = "";
  let line = 1;
  let start = 1;
  let isQuoted = false;
  const end = (): void => {
    lines.push({ text: command, line: start });
    command = "";
    isQuoted = false;
  };
  for (let at = 0; at < text.length; at++) {
    let character = text.charAt(at);
    if (command.trim() === "") start = line;
    if (character === "^" && !isQuoted) {
      character = text.charAt(++at);
      if (character === "\n") {
        line++;
        if (text.charAt(at + 1) !== "\n") continue;
        at++;
        line++;
      }
      command += character;
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (character === "\n" || (character === "&" && !isQuoted)) {
      if (character === "\n") line++;
      end();
    } else command += character;
  }
  end();
  return lines;
}

/** The words of a command line as the C runtime of Windows cuts it. */
function splitArguments(text: string, line: number): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  const backslashes = /\\*/y;
  for (let at = 0; at < text.length; ) {
    backslashes.lastIndex = at;
    const run = backslashes.exec(text)?.[0].length ?? 0;
    const next = text.charAt(at + run);
    at += run;
    // Backslashes escape before a quote only: two of them are one, an odd one makes the quote a character.
    if (run > 0) word = (word ?? "") + "\\".repeat(next === '"' ? Math.floor(run / 2) : run);
    if (next === "") break;
    at++;
    if (next === '"' && run % 2 === 1) word = `${word ?? ""}"`;
    else if (next === '"' && isQuoted && text.charAt(at) === '"') {
      word = `${word ?? ""}"`;
      at++;
    } else if (next === '"') {
      isQuoted = !isQuoted;
      word ??= "";
    } else if (/\s/.test(next) && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + next;
  }
  if (isQuoted) {
    throw new AppError("unprocessable", `line ${line}: a quote is never closed; copy the whole command`);
  }
  if (word !== undefined) words.push(word);
  return words;
}
