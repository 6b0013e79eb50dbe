import { ownMark, parentVariable } from "./parent-mark.ts";

/** Variables of the gateway that a child sees; the rest may hold secrets. Listed in the schema's `env` too. */
const inherited = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR"] as const;

/** The whole environment of a child: little of the gateway's, what the document adds, and the mark of its parent. */
export function childEnvironment(added: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  const mark = ownMark();
  return { ...environment, ...added, ...(mark === undefined ? {} : { [parentVariable]: mark }) };
}
