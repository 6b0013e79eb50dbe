import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Badge } from "../../ui/badge.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** What runs here, and as whom. */
export function AboutPage(): ReactNode {
  const { t } = useTranslation();
  const { me } = useSession();
  const api = useApi();
  const description = useQuery({
    queryKey: ["description"],
    queryFn: ({ signal }) => api.call("getApiDescription", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <PageHeader title={t("about.title")} text={t("about.text")} />
      <dl className="divide-y divide-line rounded-2xl border border-line bg-panel px-5">
        <Row title={t("about.version")}>{versionIn(description.data) ?? "…"}</Row>
        <Row title={t("about.license")}>Apache-2.0</Row>
        <Row title={t("about.signedInAs")}>{me.email === undefined ? me.name : `${me.name} (${me.email})`}</Row>
        <Row title={t("about.roles")}>
          <span className="flex flex-wrap gap-1.5">
            {Object.entries(me.roles).map(([tenant, role]) => (
              <Badge key={tenant}>{`${t(`roles.${role}`)} · ${tenant === "*" ? t("about.everywhere") : tenant}`}</Badge>
            ))}
          </span>
        </Row>
        <Row title="API">
          <a href="/api/docs" className="text-accent underline underline-offset-4">
            {t("shell.api")}
          </a>
          <span className="mt-1 block text-sm text-soft">{t("about.apiText")}</span>
        </Row>
      </dl>
    </>
  );
}

function Row({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="grid gap-1 py-4 sm:grid-cols-[12rem_1fr]">
      <dt className="text-soft">{title}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** The description of an API says its version: https://spec.openapis.org/oas/v3.1.0#info-object */
function versionIn(description: unknown): string | undefined {
  if (typeof description !== "object" || description === null || !("info" in description)) return undefined;
  const { info } = description;
  if (typeof info !== "object" || info === null || !("version" in info)) return undefined;
  return typeof info.version === "string" ? info.version : undefined;
}
