import type { Inquirer } from "../exchange.ts";
import { refusedInput } from "../input/refused-input.ts";

const unconfirmed = "Confirm the call to run it.";
const nobody = "Nobody can be asked during a run of the control plane.";

/**
 * Answers the gateway's own question whether a tool may be called as the user has said; questions of upstreams are
 * refused.
 *
 * @param hasSent whether the call has gone out: only the gateway asks before that
 */
export function confirmingInquirer(isConfirmed: boolean, hasSent: () => boolean): Inquirer {
  const reasonAgainst = (): string | undefined => {
    if (hasSent()) return nobody;
    return isConfirmed ? undefined : unconfirmed;
  };
  return {
    rounds: undefined,
    reasonAgainst,
    ask: () => {
      const reason = reasonAgainst();
      return Promise.resolve(
        reason === undefined ? { kind: "result", result: { action: "accept", content: {} } } : refusedInput(reason),
      );
    },
    withdraw: () => undefined,
  };
}
