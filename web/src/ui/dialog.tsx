import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: string | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * A modal dialog on the browser's own element: it keeps the focus inside, gives it back, and closes on Escape, and needs
 * no style element in the page, which the content security policy would refuse.
 */
export function Dialog({ isOpen, onClose, title, description, className, children }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { t } = useTranslation();
  useEffect(() => {
    const element = dialog.current;
    if (element === null || element.open === isOpen) return;
    if (!isOpen) {
      element.close();
      return;
    }
    element.showModal();
    // Otherwise the focus is on the button that closes it.
    element.querySelector("input")?.focus();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={description === undefined ? undefined : `${id}-description`}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className={classNames(
        "w-[calc(100%-2rem)] max-w-lg rounded-2xl border border-line bg-panel text-ink shadow-2xl",
        className,
      )}
    >
      {isOpen && (
        <div className="p-6">
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <h2 id={`${id}-title`} className="text-lg font-semibold break-words">
                {title}
              </h2>
              {description !== undefined && (
                <p id={`${id}-description`} className="mt-1 text-soft">
                  {description}
                </p>
              )}
            </div>
            <Button look="quiet" size="icon" className="-mt-2 -mr-2" aria-label={t("action.close")} onClick={onClose}>
              <X />
            </Button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
