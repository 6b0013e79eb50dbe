import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { buttonLook } from "../ui/button.tsx";
import { EmptyFace } from "../ui/faces.tsx";

export function NotFoundPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <main className="mx-auto max-w-2xl p-6">
      <title>{`${t("shell.notFound")} · Passerelle`}</title>
      <h1 className="sr-only">{t("shell.notFound")}</h1>
      <EmptyFace icon={Compass} title={t("shell.notFound")} text={t("shell.notFoundText")}>
        <Link to="/" className={buttonLook({ look: "main" })}>
          {t("shell.home")}
        </Link>
      </EmptyFace>
    </main>
  );
}
