import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { SearchX, Server } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ServerVersion } from "../../api/operations.generated.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyFace, QueryFace } from "../../ui/faces.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { useGateways } from "../gateways-query.ts";
import { CreateWays } from "./create-ways.tsx";
import { servingOf } from "./serving.ts";
import { ServingBadge } from "./serving-badge.tsx";

/** The servers of a tenant, found and paged by the apiserver; what is shown stands in the address. */
export function ServersPage(): ReactNode {
  const { t } = useTranslation();
  const { tenant } = useSession();
  const { search, pages = [] } = useSearch({ from: "/t/$tenant/servers" });
  const navigate = useNavigate({ from: "/t/$tenant/servers" });
  const query = useServers(tenant, search, pages.at(-1));
  const turn = (next: readonly string[]): void =>
    void navigate({ search: { ...(search === undefined ? {} : { search }), pages: next } });
  return (
    <>
      <PageHeader title={t("servers.title")} text={t("servers.text")} />
      <SearchBox
        label={t("servers.search")}
        value={search ?? ""}
        onSearch={(text) => void navigate({ search: text === "" ? {} : { search: text }, replace: true })}
      />
      <QueryFace query={query}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NoServers search={search} />
          ) : (
            <>
              <ServerTable items={items} />
              <Pager
                page={pages.length + 1}
                onPrevious={pages.length === 0 ? undefined : () => turn(pages.slice(0, -1))}
                onNext={nextCursor === undefined ? undefined : () => turn([...pages, nextCursor])}
              />
            </>
          )
        }
      </QueryFace>
    </>
  );
}

function useServers(tenant: string, search: string | undefined, cursor: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["servers", tenant, "list", search, cursor],
    queryFn: ({ signal }) => api.call("listServers", { path: { tenant }, query: { search, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

function ServerTable({ items }: { readonly items: readonly ServerVersion[] }): ReactNode {
  const { t } = useTranslation();
  const { tenant } = useSession();
  const gateways = useGateways();
  const columns: Column<ServerVersion>[] = [
    { key: "name", title: t("servers.name"), cell: (server) => <ServerName tenant={tenant} server={server} /> },
    {
      key: "kinds",
      title: t("servers.kinds"),
      isExtra: true,
      cell: ({ summary }) => <Kinds kinds={summary?.upstreams} />,
    },
    { key: "tools", title: t("servers.tools"), isExtra: true, cell: ({ summary }) => summary?.tools },
    { key: "version", title: t("servers.version"), isExtra: true, cell: ({ version }) => version },
    {
      key: "updated",
      title: t("servers.updated"),
      isExtra: true,
      cell: ({ savedAt, author }) => (
        <>
          <Moment at={savedAt} />
          <span className="block max-w-40 truncate text-sm text-soft">
            {t("servers.updatedBy", { name: author.name })}
          </span>
        </>
      ),
    },
  ];
  const { data } = gateways;
  const served: Column<ServerVersion> = {
    key: "served",
    title: t("servers.served"),
    cell: (server) => <ServingBadge serving={servingOf(server, data?.items ?? [])} />,
  };
  const all = data === undefined ? columns : [...columns, served];
  return <DataTable label={t("servers.title")} columns={all} rows={items} rowKey={({ name }) => name} />;
}

function ServerName({ tenant, server }: { readonly tenant: string; readonly server: ServerVersion }): ReactNode {
  const { name, summary } = server;
  return (
    <>
      <Link
        to="/t/$tenant/servers/$name"
        params={{ tenant, name }}
        className="font-medium break-words text-ink underline-offset-4 hover:text-accent hover:underline"
      >
        {summary?.title ?? name}
      </Link>
      <span className="block font-mono text-xs break-all text-soft">{summary?.prefixes.join("  ")}</span>
    </>
  );
}

function Kinds({ kinds = [] }: { readonly kinds: readonly string[] | undefined }): ReactNode {
  const { t } = useTranslation();
  if (kinds.length === 0) return <span className="text-soft">{t("servers.noUpstreams")}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {kinds.map((kind) => (
        <Badge key={kind}>{kind}</Badge>
      ))}
    </span>
  );
}

function NoServers({ search }: { readonly search: string | undefined }): ReactNode {
  const { t } = useTranslation();
  const { can } = useSession();
  if (search !== undefined)
    return <EmptyFace icon={SearchX} title={t("servers.noMatch", { search })} text={t("servers.noMatchText")} />;
  if (!can("servers.write"))
    return <EmptyFace icon={Server} title={t("servers.none")} text={t("servers.noneReader")} />;
  return (
    <EmptyFace icon={Server} title={t("servers.none")} text={t("servers.noneText")}>
      <CreateWays />
    </EmptyFace>
  );
}
