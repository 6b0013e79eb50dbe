import { AppError } from "../../core/errors.ts";
import type { Description, Located } from "./description.ts";

/** What a value's references lead to; `undefined` where they lead nowhere. For places where that harms nobody. */
export function followReference(located: Located, description: Description): Located | undefined {
  try {
    return description.resolve(located);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
