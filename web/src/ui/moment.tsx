import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** A time as people say it; exactly, when the pointer rests on it. */
export function Moment({ at }: { readonly at: number }): ReactNode {
  const { i18n } = useTranslation();
  const date = new Date(at);
  const exact = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "medium" }).format(date);
  return (
    <time dateTime={date.toISOString()} title={exact} className="whitespace-nowrap">
      {inWords(at - Date.now(), i18n.language)}
    </time>
  );
}

function inWords(distanceMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const [unit, unitMs] = steps.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? ["second", 1_000];
  return format.format(Math.round(distanceMs / unitMs), unit);
}
