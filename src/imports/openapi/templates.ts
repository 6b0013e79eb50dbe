/*
 * Templates of a request. Names of arguments are the only thing that gets into an expression, and they consist
 * of letters, digits, `_`, `.` and `-` (ArgumentList); all other text of a description is literal.
 */

/** The value of an argument with its type; absent when the argument is. */
export function argumentTemplate(name: string): string {
  return `\${${/^[A-Za-z_]\w*$/.test(name) ? `args.${name}` : argument(name)}}`;
}

/** An argument inside of a larger expression. */
export function argument(name: string): string {
  return `args["${name}"]`;
}

/** An expression over an argument; null when the argument is absent. */
export function presentTemplate(name: string, expression: string): string {
  return `\${"${name}" in args ? ${expression} : null}`;
}

/** Literal text: nothing in it is an expression. */
export function literal(text: string): string {
  // A function: in a replacement text `$$` would stand for one `$`.
  return text.replaceAll("${", () => "$${");
}
