import type { Operations } from "./operations.generated.ts";

/** Id of an operation of the API, as its description has it. */
export type OperationId = keyof Operations;

/** What an operation is called with; parts that may stay away are optional. */
export type Input<Id extends OperationId> = Inputs[Id];

/** The arguments after the id: none are needed when all of the input is optional. */
export type InputArguments<Id extends OperationId> = Arguments[Id];

// Tables, so that a look-up with an id that is not known yet does not multiply all operations with each other.
type Inputs = { readonly [Id in OperationId]: InputOf<Operations[Id]> };
type Arguments = {
  readonly [Id in OperationId]: Partial<Inputs[Id]> extends Inputs[Id]
    ? readonly [input?: Inputs[Id]]
    : readonly [input: Inputs[Id]];
};

type InputOf<Operation extends Operations[OperationId]> = Part<"path", Operation["path"]> &
  Part<"query", Operation["query"]> &
  Part<"headers", Operation["headers"]> &
  Part<"body", Operation["body"]> & {
    /** Ends the request; the call then rejects with the signal's reason. */
    readonly signal?: AbortSignal | undefined;
  };

/** One of the good answers; `status` tells which. */
export type Answer<Id extends OperationId> = {
  [Status in keyof Operations[Id]["answers"]]: {
    readonly status: Status;
    /** Undefined where the answer has none. */
    readonly body: BodyOf<Operations[Id]["answers"][Status]>;
    /** The version of what was answered, for `If-Match` and `If-None-Match`. */
    readonly etag: string | undefined;
  };
}[keyof Operations[Id]["answers"]];

/** The body of the good answers but 304, which nobody gets who did not ask for it. */
export type AnswerBody<Id extends OperationId> = Exclude<Answer<Id>, { readonly status: 304 }>["body"];

/** The problem that an operation answers with a status. */
export type ProblemOf<Id extends OperationId, Status extends keyof Operations[Id]["problems"]> = BodyOf<
  Operations[Id]["problems"][Status]
>;

/** The JSON form where there is one, else the only one. */
type BodyOf<Content> = Content extends { readonly "application/json": infer Body }
  ? Body
  : Content extends Readonly<Record<string, infer Body>>
    ? Body
    : undefined;

type Part<Name extends string, Value> = [Value] extends [undefined]
  ? unknown
  : Partial<Value> extends Value
    ? { readonly [Key in Name]?: Value | undefined }
    : { readonly [Key in Name]: Value };
