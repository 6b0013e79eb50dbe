import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiKey } from "./api-key.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyFace, QueryFace } from "../../ui/faces.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pager } from "../../ui/pager.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { RevokeKeyDialog } from "./revoke-key-dialog.tsx";

/** The keys of a tenant. Their secrets are known to whoever made them, and to nobody here. */
export function KeysPage(): ReactNode {
  const { t } = useTranslation();
  const { tenant, can } = useSession();
  const api = useApi();
  const [pages, setPages] = useState<readonly string[]>([]);
  const [isCreating, setIsCreating] = useState(false);
  const cursor = pages.at(-1);
  const query = useQuery({
    queryKey: ["keys", tenant, cursor],
    queryFn: ({ signal }) => api.call("listKeys", { path: { tenant }, query: { cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  const createButton = can("keys.write") && (
    <Button look="main" onClick={() => setIsCreating(true)}>
      <Plus aria-hidden="true" />
      {t("keys.create")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("keys.title")} text={t("keys.text")}>
        {createButton}
      </PageHeader>
      <QueryFace query={query}>
        {({ items, nextCursor }) =>
          items.length === 0 && pages.length === 0 ? (
            <EmptyFace icon={KeyRound} title={t("keys.none")} text={t("keys.noneText")} />
          ) : (
            <>
              <KeyTable items={items} />
              <Pager
                page={pages.length + 1}
                onPrevious={pages.length === 0 ? undefined : () => setPages(pages.slice(0, -1))}
                onNext={nextCursor === undefined ? undefined : () => setPages([...pages, nextCursor])}
              />
            </>
          )
        }
      </QueryFace>
      {isCreating && <CreateKeyDialog onClose={() => setIsCreating(false)} />}
    </>
  );
}

function KeyTable({ items }: { readonly items: readonly ApiKey[] }): ReactNode {
  const { t } = useTranslation();
  const { can } = useSession();
  const [revoked, setRevoked] = useState<ApiKey>();
  const columns: Column<ApiKey>[] = [
    { key: "name", title: t("keys.name"), cell: (item) => <KeyName item={item} /> },
    {
      key: "use",
      title: t("keys.use"),
      isExtra: true,
      cell: ({ use, servers }) => (
        <>
          {use.kind === "mcp" ? t("keys.useMcp") : t("keys.useApi", { role: t(`roles.${use.role}`) })}
          {use.kind === "mcp" && (
            <span className="block text-sm break-all text-soft">{servers?.join(", ") ?? t("keys.allServers")}</span>
          )}
        </>
      ),
    },
    {
      key: "expires",
      title: t("keys.expires"),
      isExtra: true,
      cell: ({ expiresAt }) => <Expiry expiresAt={expiresAt} />,
    },
    {
      key: "used",
      title: t("keys.used"),
      isExtra: true,
      cell: ({ usedAt }) =>
        usedAt === undefined ? <span className="text-soft">{t("keys.unused")}</span> : <Moment at={usedAt} />,
    },
  ];
  const revoke: Column<ApiKey> = {
    key: "revoke",
    title: t("keys.revoke"),
    cell: (item) => (
      <Button size="small" aria-label={t("keys.revokeNamed", { name: item.name })} onClick={() => setRevoked(item)}>
        {t("keys.revoke")}
      </Button>
    ),
  };
  return (
    <>
      <DataTable
        label={t("keys.title")}
        columns={can("keys.write") ? [...columns, revoke] : columns}
        rows={items}
        rowKey={({ id }) => id}
      />
      {revoked !== undefined && <RevokeKeyDialog item={revoked} onClose={() => setRevoked(undefined)} />}
    </>
  );
}

function KeyName({ item }: { readonly item: ApiKey }): ReactNode {
  return (
    <>
      <span className="font-medium break-words">{item.name}</span>
      <span className="block font-mono text-xs break-all text-soft">{item.hint}…</span>
    </>
  );
}

function Expiry({ expiresAt }: { readonly expiresAt: number | undefined }): ReactNode {
  const { t } = useTranslation();
  if (expiresAt === undefined) return <span className="text-soft">{t("keys.never")}</span>;
  return expiresAt <= Date.now() ? <Badge tone="bad">{t("keys.expired")}</Badge> : <Moment at={expiresAt} />;
}
