import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";

/** Classes of whatever somebody types or picks in. */
export const inputClasses =
  "h-10 w-full min-w-0 rounded-lg border border-edge bg-panel px-3 text-ink placeholder:text-soft aria-invalid:border-bad";

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was typed. */
  readonly problem?: string | undefined;
}

/** A text field with its label, and its problem beside it. */
export function TextField({
  label,
  hint,
  problem,
  className,
  ...rest
}: FieldProps & ComponentProps<"input">): ReactNode {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-more`}
        className={inputClasses}
        {...rest}
      />
      <FieldNote id={`${id}-more`} hint={hint} problem={problem} />
    </div>
  );
}

export function SelectField({
  label,
  hint,
  problem,
  className,
  ...rest
}: FieldProps & ComponentProps<"select">): ReactNode {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <select id={id} aria-describedby={`${id}-more`} className={inputClasses} {...rest} />
      <FieldNote id={`${id}-more`} hint={hint} problem={problem} />
    </div>
  );
}

function FieldNote(props: { readonly id: string } & Pick<FieldProps, "hint" | "problem">): ReactNode {
  const { id, hint, problem } = props;
  return (
    <p id={id} className={classNames("mt-1 text-sm empty:hidden", problem === undefined ? "text-soft" : "text-bad")}>
      {problem ?? hint}
    </p>
  );
}
