// Runs the test suite and ends with one line, `N passed, N failed`, for programs that add suites up.
// Files with a failure run once more, alone: what passes then is told as `unsteady` with what it said, what fails
// again is told as `failed`, so that the reason stands at the end of a long log.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "passerelle-tests-"));
/** More files than these fail for a common reason; running them again would only take time. */
const mostFilesAgain = 12;

try {
  process.exitCode = main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main(args) {
  const first = run("first", args);
  if (first === undefined) return 1;
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > mostFilesAgain) return finish(first, first.failures, []);
  console.log(`\nonce more, alone: ${files.map(shown).join(", ")}\n`);
  const again = run("again", [...configOf(args), "--no-file-parallelism", ...files]);
  if (again === undefined) return finish(first, first.failures, []);
  const failedAgain = new Set(again.failures.map(({ name }) => name));
  const unsteady = first.failures.filter(({ name }) => !failedAgain.has(name));
  return finish(first, again.failures, unsteady);
}

/** Runs vitest; undefined when it did not come to an end. A file that a crash has kept from running counts as failed. */
function run(label, args) {
  const report = join(folder, `${label}.json`);
  const list = join(folder, `${label}-files.json`);
  spawnSync("npx", ["vitest", "list", "--filesOnly", `--json=${list}`, ...args]);
  spawnSync("npx", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args], {
    stdio: "inherit",
  });
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const ran = new Set(testResults.map(({ name }) => name));
    const kept = JSON.parse(readFileSync(list, "utf8")).filter(({ file }) => !ran.has(file));
    const crashed = kept.map(({ file }) => ({
      file,
      name: shown(file),
      why: "it did not run: another file has crashed",
    }));
    return { passed: numPassedTests, failures: [...testResults.flatMap(failuresOf), ...crashed] };
  } catch (error) {
    console.log(`failed  the run itself: ${error.message}\n0 passed, 1 failed`);
    return undefined;
  }
}

function failuresOf({ name: file, status, message, assertionResults }) {
  // What was begun and not ended: the process crashed.
  const isCut = assertionResults.some((result) => result.status === "pending");
  if (isCut) return [{ file, name: shown(file), why: "it did not come to its end: the process has crashed" }];
  const failed = assertionResults
    .filter((result) => result.status === "failed")
    .map(({ fullName, failureMessages }) => ({ file, name: `${shown(file)} > ${fullName}`, why: failureMessages[0] }));
  // A file that fails to load, or in a hook, counts as one failure.
  return failed.length > 0 || status !== "failed" ? failed : [{ file, name: shown(file), why: message }];
}

function finish({ passed }, failures, unsteady) {
  for (const failure of unsteady) tell("unsteady", failure);
  for (const failure of failures) tell("failed", failure);
  console.log(`${passed + unsteady.length} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

function tell(verdict, { name, why }) {
  const lines = String(why ?? "no message")
    .split("\n")
    .filter((line) => !line.includes("node_modules"))
    .slice(0, 12);
  console.log(`${verdict}  ${name}\n${lines.map((line) => `${verdict}    ${line}`).join("\n")}`);
}

/** The same configuration for the second run; other arguments chose files. */
function configOf(args) {
  const at = args.indexOf("--config");
  return at === -1 ? [] : args.slice(at, at + 2);
}

function shown(file) {
  return relative(process.cwd(), file);
}
