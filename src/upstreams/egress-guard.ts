import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AppError } from "../core/errors.ts";
import type { DocumentPath, Problem } from "../core/problem.ts";
import { type SpecialRange, specialRangesV4, specialRangesV6 } from "./egress-ranges.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Resolves a host name to all of its addresses. Passed in by tests; the system's resolver otherwise. */
export type Resolve = (
  hostname: string,
  callback: (error: Error | null, addresses: readonly ResolvedAddress[]) => void,
) => void;

/** The guard said no. Never retried and never counted as a failure of the upstream. */
export class EgressRefusal extends AppError {
  constructor(message: string) {
    super("upstream_failed", message);
    this.name = "EgressRefusal";
  }
}

export interface EgressGuardOptions {
  /** CIDR ranges or single addresses that may be reached although they are not public. */
  readonly allow: readonly string[];
  /** Key of the document that `allow` comes from, such as `upstreams.crm.egress.allow`; part of refusals. */
  readonly key: string;
  readonly resolve?: Resolve;
}

/**
 * Decides which addresses an upstream may open sockets to: the public internet, and what the document
 * lists. It judges addresses, not names, at the moment a socket connects, so that a name which answers
 * differently the second time (DNS rebinding) gains nothing. Shared by all kinds of upstreams.
 */
export class EgressGuard {
  readonly #allowed = new BlockList();
  readonly #key: string;
  readonly #resolve: Resolve;

  constructor(options: EgressGuardOptions) {
    for (const entry of options.allow) addEntry(this.#allowed, entry);
    this.#key = options.key;
    this.#resolve = options.resolve ?? resolveWithSystem;
  }

  /** The refusal for one IP address; `undefined` when it may be reached. */
  judge(address: string, host: string = address): EgressRefusal | undefined {
    const bare = withoutZone(address);
    const family = isIP(bare);
    if (family === 0) return new EgressRefusal(`The egress guard refused \`${host}\`: it is not an IP address.`);
    const plain = family === 6 ? (mappedV4(bare) ?? bare) : bare;
    if (this.#allowed.check(plain, familyName(plain))) return undefined;
    const range = specialRange(plain);
    if (range === undefined) return undefined;
    const place = host === address ? `\`${address}\`` : `\`${address}\`, which \`${host}\` resolves to,`;
    return new EgressRefusal(
      `The egress guard refused to connect: ${place} is in the ${range.name} range ${range.cidr}. ` +
        `If this address is meant, add it to \`${this.#key}\`.`,
    );
  }

  /** The refusal for a host that is an IP literal. `undefined` when it is a name or may be reached. */
  judgeLiteral(host: string): EgressRefusal | undefined {
    const bare = withoutBrackets(host);
    return isIP(withoutZone(bare)) === 0 ? undefined : this.judge(bare);
  }

  /** All addresses of a name that may be reached; the refusal of the first one when none may. */
  resolve(hostname: string, callback: (error: Error | null, addresses: readonly ResolvedAddress[]) => void): void {
    this.#resolve(hostname, (error, addresses) => {
      if (error !== null) return callback(error, []);
      let refusal: EgressRefusal | undefined;
      const reachable = addresses.filter(({ address }) => {
        const found = this.judge(address, hostname);
        refusal ??= found;
        return found === undefined;
      });
      if (reachable.length > 0) return callback(null, reachable);
      callback(refusal ?? new EgressRefusal(`The name \`${hostname}\` has no address.`), []);
    });
  }

  /**
   * For `net.connect`: every resolved address is judged, and the socket connects to a judged one only.
   * Not called by Node when the host is a literal; use `judgeLiteral` before.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, (error, addresses) => {
      const usable =
        options.family === 4 || options.family === 6
          ? addresses.filter(({ family }) => family === options.family)
          : addresses;
      const first = usable[0];
      if (error !== null || first === undefined) {
        return callback(error ?? new EgressRefusal(`The name \`${hostname}\` has no address of this family.`), "", 0);
      }
      if (options.all === true) return callback(null, [...usable]);
      callback(null, first.address, first.family);
    });
  };
}

/** Reports every entry of `egress.allow` that is neither an address nor a CIDR range. */
export function checkAllowList(
  allow: readonly string[],
  path: DocumentPath,
  report: (problem: Problem) => void,
): boolean {
  let fits = true;
  allow.forEach((entry, index) => {
    if (parseEntry(entry) !== undefined) return;
    fits = false;
    report({
      severity: "error",
      path: [...path, index],
      message: `\`${entry}\` is neither an IP address nor a CIDR range`,
      mend: "write an address such as 10.20.0.5 or a range such as 10.20.0.0/16; names are not possible",
    });
  });
  return fits;
}

interface AllowEntry {
  readonly address: string;
  readonly prefix: number;
}

function parseEntry(entry: string): AllowEntry | undefined {
  const [address = "", prefix, ...rest] = entry.trim().split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes("%")) return undefined;
  const longest = family === 4 ? 32 : 128;
  if (prefix === undefined) return { address, prefix: longest };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) return undefined;
  return { address, prefix: Number(prefix) };
}

/** Entries that do not parse are left out: they allow nothing, and compiling has reported them. */
function addEntry(list: BlockList, entry: string): void {
  const parsed = parseEntry(entry);
  if (parsed !== undefined) list.addSubnet(parsed.address, parsed.prefix, familyName(parsed.address));
}

const compiled = new Map<SpecialRange, BlockList>();

function specialRange(address: string): SpecialRange | undefined {
  const ranges = isIP(address) === 4 ? specialRangesV4 : specialRangesV6;
  return ranges.find((range) => {
    let list = compiled.get(range);
    if (list === undefined) {
      list = new BlockList();
      addEntry(list, range.cidr);
      compiled.set(range, list);
    }
    return list.check(address, familyName(address));
  });
}

function familyName(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/** The IPv4 address inside `::ffff:a.b.c.d`, in whatever spelling it comes. */
function mappedV4(address: string): string | undefined {
  const canonical = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${address}]`).hostname);
  if (canonical === null) return undefined;
  const high = Number.parseInt(canonical[1] ?? "", 16);
  const low = Number.parseInt(canonical[2] ?? "", 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function resolveWithSystem(
  hostname: string,
  callback: (error: Error | null, addresses: readonly ResolvedAddress[]) => void,
): void {
  systemLookup(hostname, { all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    callback(
      null,
      addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    );
  });
}
