import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyFace, ErrorFace, LoadingFace } from "../ui/faces.tsx";
import { useApi } from "./api-context.ts";
import { lastTenant } from "./last-tenant.ts";
import { meQuery, useTenants } from "./session.tsx";

/** `/`: leads to the tenant that somebody was in last, else to the first one. */
export function StartPage(): ReactNode {
  const { t } = useTranslation();
  const me = useQuery(meQuery(useApi()));
  const tenants = useTenants(me.data);
  if (me.isError)
    return (
      <Framed>
        <ErrorFace error={me.error} onRetry={() => void me.refetch()} />
      </Framed>
    );
  if (tenants === undefined)
    return (
      <Framed>
        <LoadingFace />
      </Framed>
    );
  const tenant = tenants.find(({ id }) => id === lastTenant()) ?? tenants[0];
  if (tenant !== undefined) return <Navigate to="/t/$tenant/servers" params={{ tenant: tenant.id }} replace />;
  return (
    <Framed>
      <h1 className="sr-only">{t("shell.noTenant")}</h1>
      <EmptyFace icon={Building2} title={t("shell.noTenant")} text={t("shell.noTenantText")} />
    </Framed>
  );
}

function Framed({ children }: { readonly children: ReactNode }): ReactNode {
  return <main className="mx-auto max-w-4xl p-6">{children}</main>;
}
