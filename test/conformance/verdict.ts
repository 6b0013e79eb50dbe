/** One line of the suite's result: an assertion of a scenario. */
export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly checks: readonly Check[];
}

/** A failure that is known and accepted: a whole scenario, or one check of it. */
export interface ExpectedFailure {
  readonly scenario: string;
  readonly check: string | undefined;
  readonly reason: string;
}

/** What came of one scenario, ready to be printed. */
export interface Verdict {
  readonly scenario: string;
  readonly passed: number;
  readonly failed: number;
  /** `unscored`: an extension that nobody has to implement; reported, never counted. */
  readonly kind: "pass" | "expected" | "fail" | "unscored";
  /** Why, for everything that did not simply pass. */
  readonly note: string;
}

/**
 * Judges the results of one run. A warning counts as a failure, and so does an expected failure that
 * passes or never ran: the list has to stay exact. Sorted as the suite ran them, surprises last.
 */
export function judge(
  results: readonly ScenarioResult[],
  expected: readonly ExpectedFailure[],
  extensions: ReadonlySet<string>,
): readonly Verdict[] {
  const ran = new Set(results.map((result) => result.scenario));
  const verdicts = results.map((result) => judgeScenario(result, expected, extensions.has(result.scenario)));
  const absent = expected
    .filter((entry) => !ran.has(entry.scenario))
    .map(
      (entry): Verdict => ({
        scenario: entry.scenario,
        passed: 0,
        failed: 0,
        kind: "fail",
        note: "is in the list of expected failures, but did not run",
      }),
    );
  return [...verdicts, ...absent];
}

function judgeScenario(result: ScenarioResult, expected: readonly ExpectedFailure[], isExtension: boolean): Verdict {
  const bad = result.checks.filter((check) => check.status === "FAILURE" || check.status === "WARNING");
  const passed = result.checks.filter((check) => check.status === "SUCCESS").length;
  const counts = { scenario: result.scenario, passed, failed: bad.length };
  if (isExtension) return { ...counts, kind: "unscored", note: bad.length === 0 ? "" : "extension, not implemented" };

  const entries = expected.filter((entry) => entry.scenario === result.scenario);
  const stale = entries.filter((entry) => !bad.some((check) => entry.check === undefined || entry.check === check.id));
  if (stale.length > 0) {
    const names = stale.map((entry) => entry.check ?? entry.scenario).join(", ");
    return { ...counts, kind: "fail", note: `passes now, remove it from the expected failures: ${names}` };
  }
  const surprise = bad.filter(
    (check) => !entries.some((entry) => entry.check === undefined || entry.check === check.id),
  );
  if (surprise.length > 0) {
    const notes = surprise.map((check) => `${check.id}: ${check.errorMessage ?? check.status}`);
    return { ...counts, kind: "fail", note: notes.join("; ") };
  }
  if (entries.length > 0) {
    return { ...counts, kind: "expected", note: [...new Set(entries.map((entry) => entry.reason))].join("; ") };
  }
  if (result.checks.length === 0) return { ...counts, kind: "fail", note: "reported no check" };
  return { ...counts, kind: "pass", note: "" };
}
