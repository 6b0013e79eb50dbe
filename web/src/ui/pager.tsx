import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";

export interface PagerProps {
  /** From 1. */
  readonly page: number;
  /** Absent on the first page. */
  readonly onPrevious: (() => void) | undefined;
  /** Absent on the last page. */
  readonly onNext: (() => void) | undefined;
}

/** Turns the pages of a list; a list of one page has none. */
export function Pager({ page, onPrevious, onNext }: PagerProps): ReactNode {
  const { t } = useTranslation();
  if (onPrevious === undefined && onNext === undefined) return null;
  return (
    <div className="mt-4 flex items-center justify-end gap-3">
      <span aria-live="polite" className="text-sm text-soft">
        {t("state.page", { page })}
      </span>
      <Button size="small" disabled={onPrevious === undefined} onClick={onPrevious} aria-label={t("action.previous")}>
        <ChevronLeft aria-hidden="true" />
      </Button>
      <Button size="small" disabled={onNext === undefined} onClick={onNext} aria-label={t("action.next")}>
        <ChevronRight aria-hidden="true" />
      </Button>
    </div>
  );
}
