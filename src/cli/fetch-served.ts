import * as z from "zod";
import { type DocumentDescription, partKinds } from "../core/config/describe.ts";
import { CommandFailure, exitCodes } from "./exit-codes.ts";

/** A gateway with very many documents reads those that nobody has called for this. */
const timeoutMs = 120_000;

const keyHashes = z.record(z.string(), z.string());
const part = z.record(z.string(), keyHashes);

const description = z.object({
  tenant: z.string(),
  name: z.string(),
  hash: z.string(),
  keys: keyHashes,
  parts: z.record(z.enum(partKinds), part),
});

/** The part of `GET /status?documents=1` that a plan needs; more may be there. */
const status = z.object({ servers: z.array(z.object({ description })) });

/** Asks a running gateway what it serves. Fails with `CommandFailure` when it does not tell. */
export async function fetchServed(gateway: string): Promise<readonly DocumentDescription[]> {
  const url = new URL("status?documents=1", gateway.endsWith("/") ? gateway : `${gateway}/`);
  let body: unknown;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new CommandFailure(exitCodes.io, `${url.href} answers ${response.status}`);
    body = await response.json();
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw new CommandFailure(exitCodes.io, `no gateway answers at ${url.href}; start one, or compare with --from`, {
      cause,
    });
  }
  const parsed = status.safeParse(body);
  if (parsed.success) return parsed.data.servers.map(({ description }) => description);
  throw new CommandFailure(exitCodes.io, `${url.href} is not the operations address of a gateway of this version`);
}
