/** Keys of a log line that have places of their own in the text. */
const placed = new Set(["time", "level", "event"]);

/**
 * Turns JSON log lines into lines for people: time, level, event, then `key=value`. A line that is
 * not a JSON object stays as it is.
 */
export function prettyLines(lines: string): string {
  return lines
    .split("\n")
    .map((line) => (line.startsWith("{") ? prettyLine(line) : line))
    .join("\n");
}

function prettyLine(line: string): string {
  const fields = parseFields(line);
  if (fields === undefined) return line;
  const { time, level, event } = fields;
  const clock = typeof time === "number" ? new Date(time).toISOString().slice(11, 23) : "-";
  const rest = Object.entries(fields)
    .filter(([key]) => !placed.has(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const name = typeof event === "string" ? event : "message";
  return [clock, (typeof level === "string" ? level : "info").padEnd(5), name, ...rest].join(" ");
}

function parseFields(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    // Half a line, or not ours: it is shown as it came.
    return undefined;
  }
}
