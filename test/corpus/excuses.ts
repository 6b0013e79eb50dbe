import type { Trip } from "./round-trip.ts";

/** A limit of the validator, or what a description says and OpenAPI does not, for which a rejection is no defect. */
export interface Excuse {
  readonly name: string;
  readonly why: string;
  fits(trip: Trip): boolean;
}

/** Every one of them is used by `npm run corpus`; one that is not fails it. */
export const excuses: readonly Excuse[] = [
  {
    name: "header that OpenAPI ignores",
    why: "a parameter that is called Authorization, Accept or Content-Type is to be ignored (3.0, Parameter Object)",
    fits: ({ reason }) =>
      /In header parameters > (?:Missing required parameters?|at): (?:authorization|accept|content-type)\b/.test(
        reason,
      ),
  },
  {
    name: "two variables without a text between them",
    why: "the validator divides `{Sid}{extension}` after the first character",
    fits: ({ operation, reason }) => operation.includes("}{") && reason.includes("path parameters"),
  },
  {
    name: "alternatives that overlap",
    why: "the validator wants one of `anyOf` to fit and not several",
    fits: ({ reason }) => reason.includes("too many schemas match"),
  },
  {
    name: "text instead of XML",
    why: "the argument is XML as text, which made-up arguments are not, and the validator wants an object",
    fits: ({ reason }) => /For Content-Type \S+\bxml\b/.test(reason),
  },
  {
    name: "objects inside a list of a header",
    why: "no style says how they are written; they are sent as JSON",
    fits: ({ reason }) => /In header parameters .* Expected an object\. Received: "\{/.test(reason),
  },
];
