import * as z from "zod";
import { AppError, errorCatalogue } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";

/** An error as RFC 9457 has it, with our code and what the error says besides. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** A sentence for the caller: what is wrong and how to mend it. */
  readonly detail: string;
  /** Of the catalogue of errors. */
  readonly code: string;
  readonly requestId: string;
  /** What is wrong with which field of the request, where that is what is wrong. */
  readonly errors?: readonly FieldProblem[];
  readonly [extension: string]: unknown;
}

/** One field of a request that cannot be taken. */
export interface FieldProblem {
  /** `body`, `query` or `path`, then the keys: `body.tools.0.name`. */
  readonly field: string;
  readonly message: string;
}

/** `Problem` as the description has it; problems of one operation extend it. */
export const problemSchema = z
  .looseObject({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe("What is wrong and how to mend it, for people."),
    code: z.enum(Object.keys(errorCatalogue)).describe("For programs; one of the catalogue of errors."),
    requestId: z.string().describe("Also in the header X-Request-Id and in the log."),
    errors: z
      .array(z.strictObject({ field: z.string().describe("Such as `body.text`."), message: z.string() }))
      .optional()
      .describe("Fields of the request that cannot be taken."),
  })
  .meta({ id: "Problem", description: "An error as RFC 9457 has it." });

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  422: "Cannot be processed",
  428: "Precondition required",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
};

/** What the caller is told. An error that is none of ours becomes a 500 without its words. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = error instanceof AppError ? error : new AppError("internal", "Something went wrong here.");
  const status = statusOf(known);
  return {
    type: "about:blank",
    title: titles[status] ?? "Error",
    status,
    detail: known.message,
    code: known.code,
    requestId,
    ...(isJsonObject(known.data) ? known.data : {}),
  };
}

function statusOf({ code }: AppError): number {
  const { httpStatus } = errorCatalogue[code];
  return httpStatus >= 400 ? httpStatus : 400;
}
