/**
 * Whether one of the subscribed URIs is this one or one above it: a server may tell of a part of what a
 * client subscribed to (specification, resources/updated).
 */
export function isSubscribed(subscribed: Iterable<string>, uri: string): boolean {
  for (const known of subscribed) {
    if (uri === known || uri.startsWith(known.endsWith("/") ? known : `${known}/`)) return true;
  }
  return false;
}
