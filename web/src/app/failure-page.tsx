import type { ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ErrorFace } from "../ui/faces.tsx";

/** What a page shows instead of itself when it fails: the rest of the shell stays. */
export function FailurePage({ error }: ErrorComponentProps): ReactNode {
  return (
    <div className="mx-auto max-w-2xl p-6">
      <ErrorFace error={error} onRetry={() => location.reload()} />
    </div>
  );
}
