import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DocumentProblem } from "../../api/operations.generated.ts";

/** What is wrong with a document, where, and how to mend it. */
export function ProblemList({ problems }: { readonly problems: readonly DocumentProblem[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <ul className="mt-2 space-y-2">
      {problems.map(({ line, column, message, mend }) => (
        <li key={`${line}:${column}:${message}`} className="break-words">
          <span className="mr-2 font-mono text-xs text-soft">{t("serving.place", { line })}</span>
          {message} {mend !== undefined && <span className="text-soft">{mend}</span>}
        </li>
      ))}
    </ul>
  );
}
