import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export type Tone = "good" | "warn" | "bad" | "plain";

const tones: Readonly<Record<Tone, string>> = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  plain: "bg-sunken text-soft",
};

/** A word about a state. The dot is decoration: the word says it too. */
export function Badge({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5 align-middle rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap",
        tones[tone],
      )}
    >
      {tone === "plain" ? null : <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />}
      {children}
    </span>
  );
}
