// The client that the suite starts for each scenario: a gateway whose only upstream is the suite's
// server, and a client of the same era that uses it. Bundled by `client-suite.ts`; nothing heavy is
// loaded before its turn has come.
import { asExpected } from "./client-outcome.ts";
import { readClientTask } from "./client-task.ts";
import { takeTurn } from "./client-turnstile.ts";

/** Scenarios whose server, or the authorization server behind it, must not be trusted or obeyed. */
const refused = new Set([
  "auth/scope-retry-limit",
  "auth/resource-mismatch",
  "auth/metadata-issuer-mismatch",
  "auth/iss-supported-missing",
  "auth/iss-wrong-issuer",
  "auth/iss-unexpected",
  "auth/iss-normalized",
]);

const task = readClientTask(process.argv, process.env);
const endTurn = await takeTurn(task.turnstile);
try {
  const { runClientSession } = await import("./client-session.ts");
  const { failure, upstreams } = await runClientSession(task);
  // An upstream that gives no token is down: its lists are empty, so the client may see no error.
  const wasServed = failure === undefined && upstreams.every(({ state }) => state === "ready");
  const isRight = wasServed === !refused.has(task.scenario);
  console.log(isRight ? asExpected : `${failure ?? ""} ${JSON.stringify(upstreams)}`);
} finally {
  endTurn();
}
