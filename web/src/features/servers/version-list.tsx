import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ServerVersion } from "../../api/operations.generated.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ErrorFace, LoadingFace } from "../../ui/faces.tsx";
import { Moment } from "../../ui/moment.tsx";

/** The versions of a server, the newest first. */
export function VersionList({ name }: { readonly name: string }): ReactNode {
  const { t } = useTranslation();
  const { tenant } = useSession();
  const api = useApi();
  const query = useInfiniteQuery({
    queryKey: ["servers", tenant, "versions", name],
    queryFn: ({ pageParam, signal }) =>
      api.call("listServerVersions", { path: { tenant, name }, query: { limit: 20, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  return (
    <section aria-labelledby="versions">
      <h2 id="versions" className="mb-2 font-medium">
        {t("servers.versions")}
      </h2>
      {query.isError && <ErrorFace error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingFace lines={3} />}
      {query.data !== undefined && (
        <ol className="overflow-hidden rounded-2xl border border-line bg-panel">
          {query.data.pages.flatMap(({ items }) => items.map((item) => <Version key={item.version} item={item} />))}
        </ol>
      )}
      {query.hasNextPage && (
        <Button
          className="mt-3 w-full"
          size="small"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("servers.moreVersions")}
        </Button>
      )}
    </section>
  );
}

function Version({ item }: { readonly item: ServerVersion }): ReactNode {
  const { t } = useTranslation();
  const { version, message, author, savedAt, tags, change } = item;
  return (
    <li className="border-b border-line px-4 py-3 last:border-0">
      <div className="flex items-center gap-2">
        <span className="font-mono text-sm font-medium">{version}</span>
        {change !== "save" && (
          <Badge tone={change === "delete" ? "bad" : "plain"}>{t(`servers.change.${change}`)}</Badge>
        )}
        {tags.map((tag) => (
          <Badge key={tag} tone="good">
            {tag}
          </Badge>
        ))}
        <span className="ml-auto text-xs text-soft">
          <Moment at={savedAt} />
        </span>
      </div>
      <p className="mt-1 text-sm break-words">
        {message === "" ? <span className="text-soft">{t("servers.noMessage")}</span> : message}
      </p>
      <p className="truncate text-xs text-soft">{author.name}</p>
    </li>
  );
}
