/** Why an expression could not be evaluated, in words without values: callers and logs may see it. */
export class ExpressionFault extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "ExpressionFault";
  }
}
