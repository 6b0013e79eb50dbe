import { describe, expect, test } from "vitest";
import type { Problem } from "../core/problem.ts";
import { checkAllowList, EgressGuard, EgressRefusal, type Resolve } from "./egress-guard.ts";

const refused: readonly (readonly [address: string, range: string])[] = [
  ["0.0.0.0", "unspecified"],
  ["10.255.0.1", "private"],
  ["100.64.0.1", "carrier-grade NAT"],
  ["100.100.100.200", "carrier-grade NAT"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["169.254.169.254", "link-local (cloud metadata)"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.8", "protocol assignments"],
  ["192.0.2.1", "documentation"],
  ["192.88.99.1", "6to4 relay"],
  ["192.168.1.1", "private"],
  ["198.19.0.1", "benchmarking"],
  ["198.51.100.7", "documentation"],
  ["203.0.113.7", "documentation"],
  ["168.63.129.16", "cloud platform"],
  ["224.0.0.1", "multicast"],
  ["239.1.2.3", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["0:0:0:0:0:0:0:1", "loopback"],
  ["::7f00:1", "IPv4-compatible"],
  ["::ffff:127.0.0.1", "loopback"],
  ["::ffff:7f00:1", "loopback"],
  ["0:0:0:0:0:ffff:10.0.0.1", "private"],
  ["::ffff:0:7f00:1", "IPv4-translated"],
  ["64:ff9b::7f00:1", "NAT64"],
  ["64:ff9b::808:808", "NAT64"],
  ["64:ff9b:1::1", "local NAT64"],
  ["100::1", "discard-only"],
  ["2001::1", "Teredo"],
  ["2001:2::1", "benchmarking"],
  ["2001:10::1", "protocol assignments"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::", "6to4"],
  ["3fff::1", "documentation"],
  ["5f00::1", "reserved"],
  ["fc00::1", "unique local"],
  ["fd00:ec2::254", "unique local"],
  ["fe80::1", "link-local"],
  ["fe80::1%eth0", "link-local"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["1000::1", "reserved"],
];

const reachable = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8"];

function guard(allow: readonly string[] = [], resolve?: Resolve): EgressGuard {
  return new EgressGuard({ allow, key: "upstreams.api.egress.allow", ...(resolve === undefined ? {} : { resolve }) });
}

describe("addresses", () => {
  for (const [address, range] of refused) {
    test(`${address} is refused as ${range}`, () => {
      const refusal = guard().judge(address);
      expect(refusal).toBeInstanceOf(EgressRefusal);
      expect(refusal?.message).toContain(`in the ${range} range`);
      expect(refusal?.message).toContain("`upstreams.api.egress.allow`");
    });
  }

  test("public addresses are reachable", () => {
    for (const address of reachable) expect(guard().judge(address)).toBeUndefined();
  });

  test("what is no address is refused", () => {
    for (const text of ["", "localhost", "1.2.3", "::gg", "127.0.0.1.example"]) {
      expect(guard().judge(text)).toBeInstanceOf(EgressRefusal);
    }
  });

  test("hosts in every spelling that URLs know are judged as the address they mean", () => {
    for (const host of ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]", "[::]"]) {
      expect(guard().judgeLiteral(new URL(`http://${host}/`).hostname)).toBeInstanceOf(EgressRefusal);
    }
  });

  test("a name is no literal", () => {
    expect(guard().judgeLiteral("localhost.")).toBeUndefined();
  });
});

describe("the allow list", () => {
  test("opens single addresses and ranges of both families, and nothing else", () => {
    const open = guard(["10.1.0.0/16", "127.0.0.1", "fd00::/8"]);
    for (const address of ["10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd12::1"]) {
      expect(open.judge(address)).toBeUndefined();
    }
    for (const address of ["10.2.0.1", "127.0.0.2", "fc00::1"]) expect(open.judge(address)).toBeDefined();
  });

  test("entries that are no addresses are reported with their place", () => {
    const problems: Problem[] = [];
    const entries = ["10.0.0.0/8", "example.com", "10.0.0.0/33", "1.2.3.4/", "::1/129", "fe80::1%eth0", "::/0"];
    expect(checkAllowList(entries, ["allow"], (problem) => problems.push(problem))).toBe(false);
    expect(problems.map(({ path }) => path[1])).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("names", () => {
  const resolveTo =
    (...addresses: string[]): Resolve =>
    (_hostname, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );

  function resolved(
    open: EgressGuard,
    options: { all?: boolean; family?: number } = { all: true },
  ): Promise<string[] | Error> {
    return new Promise((resolve) => {
      open.lookup("host.example", options, (error, address) => {
        if (error !== null) resolve(error);
        else resolve(typeof address === "string" ? [address] : address.map((entry) => entry.address));
      });
    });
  }

  test("only judged addresses come out of the lookup", async () => {
    const open = guard([], resolveTo("10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111"));
    expect(await resolved(open)).toEqual(["8.8.8.8", "2606:4700::1111"]);
    expect(await resolved(open, {})).toEqual(["8.8.8.8"]);
    expect(await resolved(open, { family: 6 })).toEqual(["2606:4700::1111"]);
  });

  test("a name with nothing but special addresses is refused with the first of them", async () => {
    const error = await resolved(guard([], resolveTo("169.254.169.254", "::1")));
    expect(error).toBeInstanceOf(EgressRefusal);
    expect(String(error)).toContain("`169.254.169.254`, which `host.example` resolves to, is in the link-local");
  });

  test("a name without addresses and a failing resolver are errors", async () => {
    expect(await resolved(guard([], resolveTo()))).toBeInstanceOf(EgressRefusal);
    const failing = guard([], (_hostname, callback) => callback(new Error("no DNS"), []));
    expect(await resolved(failing)).toMatchObject({ message: "no DNS" });
  });
});
