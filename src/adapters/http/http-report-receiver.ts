import type { GatewayReport, ReportReceiver } from "../../core/gateway-registry.ts";
import type { ControlPlaneLine } from "./control-plane-line.ts";

/** Hands reports to the apiserver. The line is closed by who opened it. */
export class HttpReportReceiver implements ReportReceiver {
  readonly #line: ControlPlaneLine;

  constructor(line: ControlPlaneLine) {
    this.#line = line;
  }

  report({ id, ...body }: GatewayReport): Promise<void> {
    return this.#line.ask({ method: "PUT", path: pathOf(id), body }, (answer) => answer.body.dump());
  }

  leave(id: string): Promise<void> {
    return this.#line.ask({ method: "DELETE", path: pathOf(id) }, (answer) => answer.body.dump());
  }

  async close(): Promise<void> {
    // Nothing is held: the line belongs to who opened it.
  }
}

function pathOf(id: string): string {
  return `/gateway/reports/${encodeURIComponent(id)}`;
}
