import type * as z from "zod";
import type { Caller } from "../access/caller.ts";
import type { Permission } from "../access/permissions.ts";

/**
 * Who may use an operation:
 * - `public`: everybody, at a limited rate; `limit` is how many requests a minute one address may make
 * - `signed-in`: every caller; the operation looks at nothing but the caller's own
 * - `permission`: who has it in the tenant of the path (`{tenant}`), or in `*` where it is of the instance
 * - `gateway`: gateways, by the token that they share with the apiserver; nobody else, whatever their roles
 */
export type Access =
  | { readonly kind: "public"; readonly limit: number }
  | { readonly kind: "signed-in" }
  | { readonly kind: "permission"; readonly permission: Permission }
  | { readonly kind: "gateway" };

export interface ResponseDescription {
  readonly description: string;
  /** Absent for a response without a body. */
  readonly schema?: z.ZodType;
  /** Of the body; JSON when absent. */
  readonly contentType?: string;
  /** Media types that the body may have instead, as text without a schema. */
  readonly otherContentTypes?: readonly string[];
}

/** What an operation is given. The parts have passed their schemas. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Undefined for `public` operations that nobody signed in for. */
  readonly caller: Caller | undefined;
  /** Address that the request came from, after trusted proxies. */
  readonly ip: string;
  readonly requestId: string;
  /** A request header by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  /** JSON; undefined for no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `body`: anything else, with its `content-type` in `headers`; a stream is sent as it comes. */
  readonly raw?: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
}

/** A header that an operation reads, for the description. */
export interface RequestHeader {
  readonly name: string;
  readonly description: string;
  readonly isRequired?: boolean;
}

/**
 * One operation of the API: its route, its access check, its part of the OpenAPI description and its rows of the
 * authorization test all come from here.
 */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** `operationId`: camelCase, a verb first, unique. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Below `/api/v1`, as OpenAPI writes it: `/tenants/{tenant}/servers/{name}`. */
  readonly path: string;
  /** Heading that the description groups by. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Objects of texts; every placeholder of `path` is a key. */
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Instead of JSON, the body comes as text of these media types. */
  readonly bodyContentType?: string;
  /** Largest body in bytes; 1 MiB when absent. */
  readonly maxBodyBytes?: number;
  /** Takes `Idempotency-Key`: a repeated request of a caller is answered as the first one was. */
  readonly isCreation?: boolean;
  /** Headers that `handle` reads, such as `If-Match`. */
  readonly headers?: readonly RequestHeader[];
  /** By status; problems (4xx, 5xx) are described for every operation, here only those that need words of their own. */
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  handle(call: Call<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Reply>;
}

/** Any operation, for those who route and describe them. */
export type AnyOperation = Omit<Operation, "handle"> & {
  handle(call: Call<never, never, never>): Promise<Reply>;
};

/** Checks an operation's types and forgets them. Parts that are not declared are `undefined` in the call. */
export function defineOperation<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(operation: Operation<Params, Query, Body>): AnyOperation {
  return operation;
}
