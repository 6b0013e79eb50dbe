import { isIP, isIPv4, type Socket } from "node:net";
import { AppError } from "../../core/errors.ts";

export interface SocksTarget {
  readonly host: string;
  readonly port: number;
}

export interface SocksCredentials {
  readonly username: string;
  readonly password: string;
}

const replies: readonly string[] = [
  "succeeded",
  "general failure",
  "not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "time to live expired",
  "command not supported",
  "address type not supported",
];

/**
 * Asks a SOCKS5 proxy (RFC 1928, with user name and password of RFC 1929) on a fresh socket to connect
 * to the target. When it returns, the socket carries the target's bytes. Fails with
 * `AppError("upstream_failed")`; the caller destroys the socket then, and sets the deadline.
 */
export async function socksConnect(socket: Socket, target: SocksTarget, credentials: SocksCredentials): Promise<void> {
  const hasCredentials = credentials.username !== "" || credentials.password !== "";
  const reader = new ByteReader(socket);
  socket.write(hasCredentials ? Buffer.from([5, 2, 0, 2]) : Buffer.from([5, 1, 0]));
  const [version, method] = await reader.take(2);
  if (version !== 5) throw refused("it does not speak SOCKS5");
  if (method === 2 && hasCredentials) await authenticate(socket, reader, credentials);
  else if (method !== 0) throw refused("it wants a user name and password in the proxy's URL");

  const port = Buffer.alloc(2);
  port.writeUInt16BE(target.port);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), encodeHost(target.host), port]));
  const [, reply = 1, , type] = await reader.take(4);
  if (reply !== 0) throw refused(replies[reply] ?? `reply ${reply}`);
  const length = type === 1 ? 4 : type === 4 ? 16 : ((await reader.take(1))[0] ?? 0);
  await reader.take(length + 2);
  reader.release();
}

async function authenticate(socket: Socket, reader: ByteReader, credentials: SocksCredentials): Promise<void> {
  const username = Buffer.from(credentials.username);
  const password = Buffer.from(credentials.password);
  if (username.length > 255 || password.length > 255) throw refused("the user name or password is too long");
  socket.write(Buffer.concat([Buffer.from([1, username.length]), username, Buffer.from([password.length]), password]));
  const [, status] = await reader.take(2);
  if (status !== 0) throw refused("it does not accept the user name and password");
}

function encodeHost(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIP(host) === 6) return Buffer.concat([Buffer.from([4]), encodeV6(host)]);
  const name = Buffer.from(host);
  if (name.length > 255) throw refused("the host name is too long");
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

function encodeV6(host: string): Buffer {
  // The URL parser writes an embedded IPv4 address as hexadecimal groups.
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const bytes = Buffer.alloc(16);
  [...left, ...zeros, ...right].forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  return bytes;
}

class ByteReader {
  readonly #socket: Socket;
  #buffered = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  async take(length: number): Promise<Buffer> {
    while (this.#buffered.length < length) {
      // All there is, not `length` bytes: while some stay unread, Node says "readable" again and again.
      // Without an encoding a socket gives buffers only.
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk === null) await readable(this.#socket);
      else this.#buffered = Buffer.concat([this.#buffered, chunk]);
    }
    const bytes = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return bytes;
  }

  /** What was read too far is the target's. */
  release(): void {
    if (this.#buffered.length > 0) this.#socket.unshift(this.#buffered);
  }
}

function readable(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.off("readable", onReadable).off("error", onError).off("close", onClose).off("end", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onReadable = (): void => settle();
    const onError = (error: Error): void => settle(error);
    const onClose = (): void => settle(refused("it closed the connection"));
    socket.on("readable", onReadable).on("error", onError).on("close", onClose).on("end", onClose);
    if (socket.destroyed) onClose();
  });
}

function refused(reason: string): AppError {
  return new AppError("upstream_failed", `The SOCKS5 proxy refused to connect: ${reason}.`);
}
