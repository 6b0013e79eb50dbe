/** A block of addresses that is not the public internet. */
export interface SpecialRange {
  readonly cidr: string;
  /** What the block is, as the end of "it is in the … range". */
  readonly name: string;
}

/**
 * Every block that a request must not reach unless it is allowed by name: the special-purpose
 * registries of IANA (RFC 6890) and what clouds put into public space. The first match names the rule,
 * so narrow blocks stand before wide ones.
 */
export const specialRangesV4: readonly SpecialRange[] = [
  { cidr: "0.0.0.0/8", name: "unspecified" },
  { cidr: "10.0.0.0/8", name: "private" },
  { cidr: "100.64.0.0/10", name: "carrier-grade NAT" },
  { cidr: "127.0.0.0/8", name: "loopback" },
  { cidr: "169.254.0.0/16", name: "link-local (cloud metadata)" },
  { cidr: "172.16.0.0/12", name: "private" },
  { cidr: "192.0.0.0/24", name: "protocol assignments" },
  { cidr: "192.0.2.0/24", name: "documentation" },
  { cidr: "192.88.99.0/24", name: "6to4 relay" },
  { cidr: "192.168.0.0/16", name: "private" },
  { cidr: "198.18.0.0/15", name: "benchmarking" },
  { cidr: "198.51.100.0/24", name: "documentation" },
  { cidr: "203.0.113.0/24", name: "documentation" },
  { cidr: "168.63.129.16/32", name: "cloud platform" },
  { cidr: "224.0.0.0/4", name: "multicast" },
  { cidr: "255.255.255.255/32", name: "broadcast" },
  { cidr: "240.0.0.0/4", name: "reserved" },
];

/** IPv4-mapped addresses are not listed: they are judged as the IPv4 address inside. */
export const specialRangesV6: readonly SpecialRange[] = [
  { cidr: "::/128", name: "unspecified" },
  { cidr: "::1/128", name: "loopback" },
  { cidr: "::/96", name: "IPv4-compatible" },
  { cidr: "::ffff:0:0:0/96", name: "IPv4-translated" },
  { cidr: "64:ff9b::/96", name: "NAT64" },
  { cidr: "64:ff9b:1::/48", name: "local NAT64" },
  { cidr: "100::/64", name: "discard-only" },
  { cidr: "2001::/32", name: "Teredo" },
  { cidr: "2001:2::/48", name: "benchmarking" },
  { cidr: "2001:db8::/32", name: "documentation" },
  { cidr: "2001::/23", name: "protocol assignments" },
  { cidr: "2002::/16", name: "6to4" },
  { cidr: "3fff::/20", name: "documentation" },
  { cidr: "fc00::/7", name: "unique local" },
  { cidr: "fe80::/10", name: "link-local" },
  { cidr: "fec0::/10", name: "site-local" },
  { cidr: "ff00::/8", name: "multicast" },
  // Only 2000::/3 is global unicast (RFC 4291); the three blocks around it are everything else.
  { cidr: "::/3", name: "reserved" },
  { cidr: "4000::/2", name: "reserved" },
  { cidr: "8000::/1", name: "reserved" },
];
