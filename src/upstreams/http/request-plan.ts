import type { HttpRequestConfig } from "../../core/config/request-schema.ts";
import type { DocumentPath, Report } from "../../core/problem.ts";
import { type CompileScope, compilePath, type Template, type Variable } from "../../expressions/template.ts";
import { type BodyPlan, compileBody } from "./body-plan.ts";
import { composed } from "./fixed-template.ts";
import { compileCookies, compileHeaders, type HeaderEntry } from "./header-plan.ts";
import { compileQuery } from "./query-plan.ts";

/** A request that is ready to be written for each call, without what its upstream adds. */
export interface RequestPlan {
  readonly method: HttpRequestConfig["method"];
  /** Percent-encoded; begins with `/` or is empty. */
  readonly path: Template<string>;
  /** Without `?`. */
  readonly query: Template<string>;
  readonly headers: readonly HeaderEntry[];
  readonly cookies: readonly Template<string | undefined>[];
  readonly body: BodyPlan | undefined;
  /** Whether it may be sent again after it may have been received. */
  readonly isIdempotent: boolean;
  /** Whether the path may hold a secret, so that it must not be shown. */
  readonly hidesPath: boolean;
}

/** RFC 9110, 9.2.2. */
const idempotentMethods = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

const requestVariables: ReadonlySet<Variable> = new Set<Variable>(["args", "request", "principal", "secrets"]);

export interface RequestOptions {
  /** Names that `args` can have, if they are known. */
  readonly argumentNames?: ReadonlySet<string>;
  readonly report: Report;
}

/** Compiles a request. Pure; problems go to `report` with the place below `path`. */
export function compileRequest(request: HttpRequestConfig, path: DocumentPath, options: RequestOptions): RequestPlan {
  const scope: CompileScope = { variables: requestVariables, ...options };
  const requestPath = compilePath(request.path, [...path, "path"], scope);
  return {
    method: request.method,
    path: rooted(requestPath),
    query: compileQuery(request.query, [...path, "query"], scope),
    headers: compileHeaders(request.headers, [...path, "headers"], scope),
    cookies: compileCookies(request.cookies, [...path, "cookies"], scope),
    body: request.body === undefined ? undefined : compileBody(request.body, [...path, "body"], scope),
    isIdempotent: request.idempotent ?? idempotentMethods.has(request.method),
    hidesPath: requestPath.secrets.length > 0,
  };
}

/** `customers` and `/customers` are the same path below baseUrl. */
function rooted(path: Template<string>): Template<string> {
  return composed([path], (scope) => {
    const text = path.evaluate(scope);
    return text === "" || text.startsWith("/") ? text : `/${text}`;
  });
}
