import { BlockList, isIP } from "node:net";
import { AppError } from "../core/errors.ts";

/** Where a request came from. */
export interface Hop {
  /** Address of the socket's other end. */
  readonly peer: string;
  /** `X-Forwarded-For`, when there is one. */
  readonly forwardedFor: string | undefined;
}

/** Most addresses of a header that are looked at. */
const maxHops = 20;

/**
 * The address that a request came from: of the socket, or, while that is a proxy that is trusted, the one before it.
 * What stands further left in the header was written by somebody who is not trusted.
 *
 * @param trustedProxies addresses and CIDR ranges
 * @throws AppError `invalid_configuration` for a range that is none
 */
export function clientAddresses(trustedProxies: readonly string[]): (hop: Hop) => string {
  const trusted = new BlockList();
  for (const range of trustedProxies) addRange(trusted, range);
  return ({ peer, forwardedFor }) => {
    let address = plain(peer);
    const before = (forwardedFor ?? "").split(",").slice(-maxHops);
    while (isTrusted(trusted, address)) {
      const next = plain(before.pop()?.trim() ?? "");
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

function addRange(list: BlockList, range: string): void {
  const [address = "", length] = range.split("/");
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (family === 0 || !(bits <= most)) {
    throw new AppError("invalid_configuration", `A trusted proxy is an address or a CIDR range, not ${range}.`);
  }
  list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
}

function isTrusted(trusted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** An IPv4 address as such, also where a socket of both families has it as IPv6; without brackets, zone and port. */
function plain(address: string): string {
  const bare = address.replace(/^\[([^\]]*)\](?::\d+)?$/, "$1").replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
  return bare.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}
