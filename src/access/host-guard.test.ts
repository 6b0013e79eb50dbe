import { describe, expect, test } from "vitest";
import { HostGuard } from "./host-guard.ts";

describe("a gateway that all networks reach", () => {
  test("takes any plain Host while none is configured", () => {
    const guard = new HostGuard({ listenHost: "0.0.0.0", allowedHosts: [] });
    for (const host of ["gateway.example", "10.0.0.5:5235", "[2001:db8::1]:80"]) guard.checkHost(host);
    for (const host of ["a b", "a/b", "a@b", "", "x".repeat(300)]) {
      expect(() => guard.checkHost(host), host).toThrow("not served here");
    }
  });

  test("takes the configured Hosts and this machine when some are, with and without port", () => {
    const guard = new HostGuard({ listenHost: "::", allowedHosts: ["Gateway.Example", "other.example:8443"] });
    for (const host of ["gateway.example", "gateway.example:1", "OTHER.example:8443", "localhost:80"]) {
      guard.checkHost(host);
    }
    for (const host of [
      "other.example",
      "other.example:80",
      "evil.example",
      "gateway.example:80:80",
      "gateway.example:x",
    ]) {
      expect(() => guard.checkHost(host), host).toThrow("not served here");
    }
  });

  test("lends its loopback trust to no page", () => {
    const guard = new HostGuard({ listenHost: "0.0.0.0", allowedHosts: [] });
    expect(guard.allowsOrigin("http://localhost:3000", [])).toBe(false);
    expect(guard.allowsOrigin("https://app.example", ["https://app.example"])).toBe(true);
    expect(guard.allowsOrigin("https://app.example", [])).toBe(false);
    expect(guard.allowsOrigin("null", ["*"])).toBe(true);
  });
});

describe("a request", () => {
  test("without Host is refused", () => {
    const guard = new HostGuard({ listenHost: "127.0.0.1", allowedHosts: [] });
    expect(() => guard.checkHost(undefined)).toThrow("Host header is missing");
  });

  test("of a Host that was seen before is judged as before", () => {
    const guard = new HostGuard({ listenHost: "127.0.0.1", allowedHosts: [] });
    for (let round = 0; round < 2; round += 1) {
      guard.checkHost("localhost:5235");
      expect(() => guard.checkHost("evil.example")).toThrow("not served here");
    }
    // More ports than are remembered change nothing.
    for (let port = 1; port < 2_000; port += 1) guard.checkHost(`localhost:${port}`);
    expect(() => guard.checkHost("evil.example")).toThrow("not served here");
  });
});
