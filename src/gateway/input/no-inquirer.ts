import type { Inquirer } from "../exchange.ts";
import { refusedInput } from "./refused-input.ts";

const reason = "The client has no session: it cannot be asked during a request.";

/** For clients of the legacy era without a session: an answer could not be told from a stranger's. */
export const noInquirer: Inquirer = {
  rounds: undefined,
  reasonAgainst: () => reason,
  ask: () => Promise.resolve(refusedInput(reason)),
  withdraw: () => undefined,
};
