import { describe, expect, test } from "vitest";
import { Metrics } from "./metrics.ts";

describe("the metrics of tools", () => {
  test("have a series per outcome, a histogram that adds up, and none before the first call", () => {
    const metrics = new Metrics();
    const tool = metrics.forTool("default/shop", "find");
    expect(metrics.render([])).not.toContain("find");
    tool.ok += 1;
    tool.observe(3);
    tool.failed += 1;
    tool.observe(60_000);
    const lines = metrics.render([]).split("\n");
    const labels = 'server="default/shop",tool="find"';
    expect(lines).toContain(`passerelle_tool_calls_total{${labels},outcome="ok"} 1`);
    expect(lines).toContain(`passerelle_tool_calls_total{${labels},outcome="refused"} 0`);
    expect(lines).toContain(`passerelle_tool_call_seconds_bucket{${labels},le="0.0025"} 0`);
    expect(lines).toContain(`passerelle_tool_call_seconds_bucket{${labels},le="0.005"} 1`);
    expect(lines).toContain(`passerelle_tool_call_seconds_bucket{${labels},le="+Inf"} 2`);
    expect(lines).toContain(`passerelle_tool_call_seconds_count{${labels}} 2`);
    expect(lines).toContain(`passerelle_tool_call_seconds_sum{${labels}} 60.003`);
  });

  test("stay over reloads while the tool is served, and are forgotten after it", () => {
    const metrics = new Metrics();
    const [kept, gone] = [metrics.forTool("default/a", "kept"), metrics.forTool("default/a", "gone")];
    for (const tool of [kept, gone]) tool.ok += 1;
    metrics.retain("default/a", new Set([kept]), new Set());
    expect(metrics.forTool("default/a", "kept")).toBe(kept);
    expect(metrics.render([])).not.toContain("gone");
  });

  test("of an upstream stay while it is served, without anybody who lists them", () => {
    const metrics = new Metrics();
    const tool = metrics.forProxiedTool({ server: "default/a", upstream: "files", tool: "read" });
    tool.ok += 1;
    metrics.retain("default/a", new Set(), new Set(["files"]));
    expect(metrics.forProxiedTool({ server: "default/a", upstream: "files", tool: "read" })).toBe(tool);
    metrics.retain("default/a", new Set(), new Set(["others"]));
    expect(metrics.render([])).not.toContain("read");
  });

  test("of an upstream with names without end share one series in the end", () => {
    const metrics = new Metrics();
    for (let i = 0; i < 1_500; i++) {
      metrics.forProxiedTool({ server: "default/a", upstream: "files", tool: `tool${i}` }).ok += 1;
    }
    const series = metrics.render([]).match(/^passerelle_tool_calls_total\{.*outcome="ok"\} \d+$/gm) ?? [];
    expect(series).toHaveLength(1_001);
    expect(series.at(-1)).toContain('tool="(other tools of files)",outcome="ok"} 500');
  });

  test("of two servers do not mix, whatever their names are", () => {
    const metrics = new Metrics();
    expect(metrics.forTool("a", "b/c")).not.toBe(metrics.forTool("a/b", "c"));
  });
});

describe("the text", () => {
  test("escapes what would end a label", () => {
    const text = new Metrics().render([
      { name: "sample", help: "A sample.", kind: "gauge", values: [{ labels: { name: 'a"b\\c\nd' }, value: 1 }] },
    ]);
    expect(text).toContain('sample{name="a\\"b\\\\c\\nd"} 1\n');
  });

  test("names every metric once, with its type, and ends with a line break", () => {
    const metrics = new Metrics();
    metrics.requests += 2;
    metrics.countResponse(200);
    metrics.countResponse(200);
    metrics.countResponse(503);
    const text = metrics.render([]);
    expect(text).toContain("passerelle_http_requests_total 2\n");
    expect(text).toContain('passerelle_http_responses_total{status="200"} 2\n');
    expect(text).toContain('passerelle_http_responses_total{status="503"} 1\n');
    const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
    expect(text.endsWith("\n")).toBe(true);
    expect(text).not.toContain("\n\n");
  });
});
