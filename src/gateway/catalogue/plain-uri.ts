/** `.` or `..` as a whole segment of a path, between slashes of either kind. */
const dotSegment = /(?:^|[/\\])\.{1,2}(?:$|[/\\?#])/;

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * A URI as a server may read it that decodes it: scheme in lower case, no percent-encoding (RFC 3986, 6.2.2).
 * Undefined for one that climbs by dot segments, or cannot be decoded: nobody knows what it names.
 */
export function plainUri(uri: string): string | undefined {
  const decoded = decode(uri);
  if (decoded === undefined || dotSegment.test(decoded)) return undefined;
  return decoded.replace(scheme, (written) => written.toLowerCase());
}

function decode(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri);
  } catch {
    return undefined; // a `%` that encodes nothing
  }
}
