import { X } from "lucide-react";
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { classNames } from "./class-names.ts";

export interface Toast {
  readonly tone: "good" | "bad";
  readonly text: string;
}

const shownMs = 6_000;
const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Says in passing what came of an action; screen readers read it out. */
export function useToast(): (toast: Toast) => void {
  return use(ToastContext);
}

/** The place where toasts appear. What is bad stays until it is closed. */
export function Toaster({ children }: { readonly children: ReactNode }): ReactNode {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([]);
  const show = useCallback((toast: Toast) => setToasts((before) => [...before, { ...toast, id: nextId(before) }]), []);
  const close = useCallback((id: number) => setToasts((before) => before.filter((toast) => toast.id !== id)), []);
  return (
    <ToastContext value={show}>
      {children}
      <div role="status" className="fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2">
        {toasts.map((toast) => (
          <ShownToast key={toast.id} toast={toast} onClose={() => close(toast.id)} />
        ))}
      </div>
    </ToastContext>
  );
}

function ShownToast({ toast, onClose }: { readonly toast: Toast; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const passes = toast.tone === "good";
  useEffect(() => {
    if (!passes) return undefined;
    const timer = setTimeout(onClose, shownMs);
    return () => clearTimeout(timer);
  });
  return (
    <div
      className={classNames(
        "flex items-start gap-3 rounded-xl border bg-panel p-4 shadow-xl",
        passes ? "border-line" : "border-bad text-bad",
      )}
    >
      <p className="min-w-0 flex-1 break-words">{toast.text}</p>
      <button type="button" aria-label={t("action.close")} onClick={onClose} className="rounded p-0.5 text-soft">
        <X aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}

function nextId(toasts: readonly { readonly id: number }[]): number {
  return (toasts.at(-1)?.id ?? 0) + 1;
}
