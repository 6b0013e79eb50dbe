import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../ui/badge.tsx";
import type { Serving } from "./serving.ts";

/** In a word, what gateways make of a server. */
export function ServingBadge({ serving }: { readonly serving: Serving }): ReactNode {
  const { t } = useTranslation();
  switch (serving.kind) {
    case "live":
      return <Badge tone="good">{t("serving.live", { count: serving.count })}</Badge>;
    case "partly":
      return <Badge tone="warn">{t("serving.partly", { live: serving.live, count: serving.count })}</Badge>;
    case "waiting":
      return <Badge tone="warn">{t("serving.waiting")}</Badge>;
    case "kept":
      return <Badge tone="bad">{t("serving.kept")}</Badge>;
    case "refused":
      return <Badge tone="bad">{t("serving.refused")}</Badge>;
    case "none":
      return <Badge>{t("serving.none")}</Badge>;
  }
}
