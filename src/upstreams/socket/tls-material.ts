import { readFileSync } from "node:fs";
import { AppError } from "../../core/errors.ts";

/** What `tls.connect` takes; an absent member means Node's default. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export interface TlsSource {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
}

/**
 * Reads certificates and keys that are given as paths; PEM text is taken as it is. Called when the
 * first socket of an upstream is about to open. Fails with `AppError("upstream_failed")` that names the
 * setting (`keyPrefix` + `ca`, `cert` or `key`), never its content.
 */
export function loadTlsMaterial(source: TlsSource, keyPrefix: string): TlsMaterial {
  const { ca, cert, key, serverName } = source;
  return {
    ...(ca === undefined ? {} : { ca: pem(ca, `${keyPrefix}.ca`) }),
    ...(cert === undefined ? {} : { cert: pem(cert, `${keyPrefix}.cert`) }),
    ...(key === undefined ? {} : { key: pem(key, `${keyPrefix}.key`) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function pem(value: string, setting: string): string {
  if (value.includes("-----BEGIN ")) return value;
  try {
    return readFileSync(value, "utf8");
  } catch (cause) {
    throw new AppError("upstream_failed", `The file that \`${setting}\` names cannot be read.`, { cause });
  }
}
