/** Upper bounds of latency histograms in seconds; one more bucket holds the rest. */
const latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type MetricLabels = Readonly<Record<string, string>>;

/** One metric with a value per set of labels. */
export interface MetricSample {
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  readonly values: readonly { readonly labels: MetricLabels; readonly value: number }[];
}

/** Times by size. Plain numbers: counting must cost next to nothing on the hot path. */
export class Histogram {
  seconds = 0;
  readonly buckets = new Float64Array(latencyBounds.length + 1);

  observe(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.seconds += seconds;
    let i = 0;
    while (i < latencyBounds.length && seconds > (latencyBounds[i] as number)) i++; // i is within bounds
    this.buckets[i] = (this.buckets[i] ?? 0) + 1;
  }
}

/** Appends a metric as lines of the Prometheus text format 0.0.4. */
export function writeSample(lines: string[], sample: MetricSample): void {
  lines.push(`# HELP ${sample.name} ${sample.help}`, `# TYPE ${sample.name} ${sample.kind}`);
  for (const { labels, value } of sample.values) lines.push(`${sample.name}${formatLabels(labels)} ${value}`);
}

export interface HistogramSample {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels: MetricLabels; readonly times: Histogram }[];
}

/** Appends histograms of one name as lines of the Prometheus text format 0.0.4. */
export function writeHistograms(lines: string[], { name, help, values }: HistogramSample): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
  for (const { labels, times } of values) writeHistogram(lines, name, labels, times);
}

function writeHistogram(lines: string[], name: string, labels: MetricLabels, { buckets, seconds }: Histogram): void {
  let count = 0;
  buckets.forEach((value, i) => {
    count += value;
    const bound = i < latencyBounds.length ? String(latencyBounds[i]) : "+Inf";
    lines.push(`${name}_bucket${formatLabels({ ...labels, le: bound })} ${count}`);
  });
  lines.push(`${name}_sum${formatLabels(labels)} ${seconds}`, `${name}_count${formatLabels(labels)} ${count}`);
}

function formatLabels(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
