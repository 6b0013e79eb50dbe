import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/api-error.ts";
import { Button } from "./button.tsx";

/** What stands where a list will be once there is something in it: why it is empty, and what to do about it. */
export function EmptyFace(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}): ReactNode {
  const { icon: Icon, title, text, children } = props;
  return (
    <div className="flex flex-col items-center rounded-2xl border border-dashed border-line bg-panel px-6 py-14 text-center">
      <span className="mb-4 rounded-2xl bg-accent-soft p-3 text-accent">
        <Icon aria-hidden="true" className="size-6" />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-1 max-w-prose text-soft">{text}</p>
      {children !== undefined && <div className="mt-6 w-full">{children}</div>}
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function ErrorFace({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }): ReactNode {
  const { t } = useTranslation();
  const requestId = error instanceof ApiError ? error.problem?.requestId : undefined;
  return (
    <div role="alert" className="rounded-2xl border border-bad/40 bg-bad-soft p-6">
      <h2 className="flex items-center gap-2 font-semibold text-bad">
        <CircleAlert aria-hidden="true" className="size-5 shrink-0" />
        {titleOf(error, t)}
      </h2>
      <p className="mt-2 break-words">{error instanceof ApiError ? error.message : t("error.unknown")}</p>
      {requestId !== undefined && (
        <p className="mt-2 font-mono text-xs break-all text-soft">{t("error.request", { id: requestId })}</p>
      )}
      {onRetry !== undefined && (
        <Button className="mt-4" size="small" onClick={onRetry}>
          <RotateCw aria-hidden="true" />
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}

function titleOf(error: unknown, t: ReturnType<typeof useTranslation>["t"]): string {
  if (!(error instanceof ApiError)) return t("error.title");
  if (error.status === 0) return t("error.away");
  if (error.status === 403) return t("error.forbidden");
  return error.status === 404 ? t("error.missing") : t("error.title");
}

/** Grey lines in the shape of what is being loaded. */
export function LoadingFace({ lines = 5 }: { readonly lines?: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status" className="overflow-hidden rounded-2xl border border-line bg-panel">
      <span className="sr-only">{t("state.loading")}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} aria-hidden="true" className="flex gap-6 border-b border-line px-5 py-5 last:border-0">
          <span className="h-3.5 w-1/3 animate-pulse rounded bg-sunken" />
          <span className="h-3.5 w-1/6 animate-pulse rounded bg-sunken" />
          <span className="h-3.5 w-1/5 animate-pulse rounded bg-sunken" />
        </div>
      ))}
    </div>
  );
}

/** Shows a query in whichever state it is. What was loaded before stays visible while it is loaded anew. */
export function QueryFace<Data>(props: {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}): ReactNode {
  const { query, children } = props;
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorFace error={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingFace />;
}
