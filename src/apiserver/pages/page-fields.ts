import { passwordLength } from "../../access/password-rules.ts";
import type { Field } from "./page-layout.ts";

export const emailField: Field = { name: "email", label: "E-mail address", type: "email", autocomplete: "username" };

export const nameField: Field = {
  name: "name",
  label: "Name",
  type: "text",
  autocomplete: "name",
  isOptional: true,
  hint: "As others shall see it; may stay empty.",
};

/** A password that is chosen, twice. */
export const newPasswordFields: readonly Field[] = [
  {
    name: "password",
    label: "New password",
    type: "password",
    autocomplete: "new-password",
    hint: `${passwordLength.minimum} to ${passwordLength.maximum} characters; some words of a sentence are good.`,
  },
  { name: "repeated", label: "New password again", type: "password", autocomplete: "new-password" },
];

/** Hidden until it is known that one is needed; optional, since a hidden field must not stop a form. */
export const codeField: Field = {
  name: "code",
  label: "Code",
  type: "text",
  autocomplete: "one-time-code",
  hint: "Six digits of your authenticator, or a recovery code.",
  isOptional: true,
  isHidden: true,
};
