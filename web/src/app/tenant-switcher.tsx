import { useNavigate } from "@tanstack/react-router";
import { Building2, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { Menu, MenuChoices } from "../ui/menu.tsx";
import { useSession, useTenants } from "./session.tsx";

/** Which tenant the pages are about. It stands in the address, so that a link means the same to everybody. */
export function TenantSwitcher(): ReactNode {
  const { t } = useTranslation();
  const { me, tenant } = useSession();
  const navigate = useNavigate();
  const tenants = useTenants(me) ?? [];
  const title = tenants.find(({ id }) => id === tenant)?.title ?? tenant;
  return (
    <Menu
      trigger={
        <Button
          look="quiet"
          className="min-w-0 shrink px-2 text-ink sm:px-3"
          aria-label={`${t("shell.tenant")}: ${title}`}
        >
          <Building2 aria-hidden="true" />
          <span className="truncate">{title}</span>
          <ChevronsUpDown aria-hidden="true" className="text-soft" />
        </Button>
      }
    >
      <MenuChoices
        label={t("shell.tenant")}
        value={tenant}
        choices={tenants.map(({ id, title: text }) => ({ value: id, text }))}
        onChoose={(chosen) => void navigate({ to: "/t/$tenant/servers", params: { tenant: chosen } })}
      />
    </Menu>
  );
}
