import { AppError } from "../core/errors.ts";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** Distinct Host headers that are remembered; an attacker cannot grow the memory. */
const maxRemembered = 1_000;

export interface HostGuardOptions {
  /** The address the gateway listens on. */
  readonly listenHost: string;
  /** Hosts that clients may use besides, with or without port: of the public URL and of the settings. */
  readonly allowedHosts: readonly string[];
}

/**
 * Defence against DNS rebinding: a page that resolves its own name to this gateway still sends its
 * own name as Host and Origin. On loopback only loopback names pass; elsewhere the configured hosts,
 * or any Host when none is configured (Origin is then still checked).
 */
export class HostGuard {
  readonly isLoopback: boolean;
  readonly #allowed: ReadonlySet<string>;
  readonly #remembered = new Set<string>();

  constructor(options: HostGuardOptions) {
    const host = options.listenHost;
    this.isLoopback = host === "localhost" || host === "::1" || host.startsWith("127.");
    this.#allowed = new Set(options.allowedHosts.map((allowed) => allowed.toLowerCase()));
  }

  /** @throws AppError `forbidden` when the Host header names somebody else. */
  checkHost(host: string | undefined): void {
    if (host === undefined) throw new AppError("bad_request", "The Host header is missing.");
    if (this.#remembered.has(host)) return;
    if (!this.#isAllowed(host)) {
      throw new AppError("forbidden", "This Host is not served here; the operator can add it to allowedHosts.");
    }
    if (this.#remembered.size < maxRemembered) this.#remembered.add(host);
  }

  #isAllowed(host: string): boolean {
    if (!this.isLoopback && this.#allowed.size === 0) return isPlainHost(host);
    const lower = host.toLowerCase();
    const name = hostName(lower);
    if (this.#allowed.has(lower) || this.#allowed.has(name)) return true;
    return loopbackNames.has(name);
  }

  /** Whether pages of this origin may call a route that lists `origins`. */
  allowsOrigin(origin: string, origins: readonly string[]): boolean {
    if (origins.includes("*") || origins.includes(origin)) return true;
    const host = originHost(origin);
    if (host === undefined) return false;
    const name = hostName(host);
    if (this.#allowed.has(host) || this.#allowed.has(name)) return true;
    return this.isLoopback && loopbackNames.has(name);
  }
}

function originHost(origin: string): string | undefined {
  const match = /^https?:\/\/([^/@\s]+)$/i.exec(origin);
  return match?.[1]?.toLowerCase();
}

/** The host without its port; what follows a colon and is no port makes it a name that nobody has. */
function hostName(host: string): string {
  return host.replace(/:\d{0,5}$/, "");
}

function isPlainHost(host: string): boolean {
  return /^[A-Za-z0-9.\-_[\]:]{1,255}$/.test(host);
}
