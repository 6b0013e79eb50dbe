/** Error codes are written by the server; only what looks like one is repeated (RFC 6749, 5.2). */
export function safeCode(code: string): string {
  return /^[\w-]{1,64}$/.test(code) ? code : "unknown error";
}
