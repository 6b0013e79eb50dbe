import { Histogram, type MetricSample, writeHistograms, writeSample } from "../core/metrics-text.ts";
import type { AnsweredRequest } from "./app.ts";

/** Requests of one operation. */
class OperationMetrics {
  readonly times = new Histogram();
  /** By the first digit of the status. */
  readonly byClass = new Map<number, number>();
}

/** Counters of the control plane, by the names of operations: a client cannot make a series. */
export class ApiMetrics {
  readonly #operations = new Map<string, OperationMetrics>();
  #unauthenticated = 0;
  #limited = 0;

  count({ operation = "none", status, durationMs }: AnsweredRequest): void {
    const metrics = this.#operations.get(operation) ?? new OperationMetrics();
    this.#operations.set(operation, metrics);
    metrics.times.observe(durationMs);
    const statusClass = Math.floor(status / 100);
    metrics.byClass.set(statusClass, (metrics.byClass.get(statusClass) ?? 0) + 1);
    if (status === 401) this.#unauthenticated++;
    if (status === 429) this.#limited++;
  }

  /** Prometheus text (format 0.0.4) of everything counted here and of `samples`. */
  render(samples: readonly MetricSample[]): string {
    const lines: string[] = [];
    const all = [...this.#operations];
    writeSample(lines, {
      name: "passerelle_api_requests_total",
      help: "Requests of the control plane by operation and class of status.",
      kind: "counter",
      values: all.flatMap(([operation, { byClass }]) =>
        [...byClass].map(([statusClass, value]) => ({ labels: { operation, status: `${statusClass}xx` }, value })),
      ),
    });
    writeHistograms(lines, {
      name: "passerelle_api_request_seconds",
      help: "Time of requests of the control plane.",
      values: all.map(([operation, { times }]) => ({ labels: { operation }, times })),
    });
    writeSample(
      lines,
      counter("passerelle_api_unauthenticated_total", "Requests answered 401.", this.#unauthenticated),
    );
    writeSample(lines, counter("passerelle_api_limited_total", "Requests answered 429.", this.#limited));
    for (const sample of samples) writeSample(lines, sample);
    return `${lines.join("\n")}\n`;
  }
}

function counter(name: string, help: string, value: number): MetricSample {
  return { name, help, kind: "counter", values: [{ labels: {}, value }] };
}
