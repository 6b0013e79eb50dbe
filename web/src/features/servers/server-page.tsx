import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ServerVersionWithText } from "../../api/operations.generated.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { QueryFace } from "../../ui/faces.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useGateways } from "../gateways-query.ts";
import { ProblemList } from "./problem-list.tsx";
import { type Serving, servingOf } from "./serving.ts";
import { ServingBadge } from "./serving-badge.tsx";
import { VersionList } from "./version-list.tsx";

/** One server: its text as it was written, who serves it, and its versions. */
export function ServerPage(): ReactNode {
  const { t } = useTranslation();
  const { name } = useParams({ from: "/t/$tenant/servers/$name" });
  const api = useApi();
  const { tenant } = useSession();
  const query = useQuery({
    queryKey: ["servers", tenant, "one", name],
    queryFn: ({ signal }) => api.call("getServer", { path: { tenant, name }, signal }),
  });
  return (
    <>
      <Link
        to="/t/$tenant/servers"
        params={{ tenant }}
        className="mb-4 inline-flex items-center gap-1 rounded text-sm text-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden="true" className="size-4" />
        {t("servers.back")}
      </Link>
      {query.data === undefined && <PageHeader title={name} />}
      <QueryFace query={query}>{(server) => <LoadedServer server={server} />}</QueryFace>
    </>
  );
}

function LoadedServer({ server }: { readonly server: ServerVersionWithText }): ReactNode {
  const { t } = useTranslation();
  const gateways = useGateways();
  const { name, summary, text = "" } = server;
  const serving = gateways.data === undefined ? undefined : servingOf(server, gateways.data.items);
  return (
    <>
      <PageHeader title={summary?.title ?? name} text={summary?.description}>
        {serving !== undefined && <ServingBadge serving={serving} />}
      </PageHeader>
      <Refusal serving={serving} />
      <dl className="mb-6 flex flex-wrap gap-x-10 gap-y-4">
        <Fact title={t("servers.name")} value={name} />
        <Fact title={t("servers.routes")} value={summary?.prefixes.join("  ") ?? ""} />
        <Fact title={t("servers.tools")} value={String(summary?.tools ?? 0)} />
        <Fact title={t("servers.version")} value={String(server.version)} />
      </dl>
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="overflow-hidden rounded-2xl border border-line bg-panel">
          <div className="flex items-center justify-between border-b border-line py-2 pr-3 pl-5">
            <h2 id="document" className="font-medium">
              {t("servers.document")}
            </h2>
            <CopyButton text={text} />
          </div>
          {/* Scrolls by the keyboard, so it takes the focus. */}
          {/* oxlint-disable-next-line jsx_a11y/no-noninteractive-tabindex */}
          <pre
            tabIndex={0}
            aria-labelledby="document"
            role="region"
            className="max-h-[70vh] overflow-auto p-5 font-mono text-sm/6"
          >
            {text}
          </pre>
        </div>
        <VersionList name={name} />
      </div>
    </>
  );
}

function Refusal({ serving }: { readonly serving: Serving | undefined }): ReactNode {
  const { t } = useTranslation();
  if (serving?.kind !== "kept" && serving?.kind !== "refused") return null;
  return (
    <section className="mb-6 rounded-2xl border border-bad/40 bg-bad-soft p-5">
      <h2 className="font-medium text-bad">{t("serving.problems")}</h2>
      <ProblemList problems={serving.problems} />
    </section>
  );
}

function Fact({ title, value }: { readonly title: string; readonly value: string }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-xs font-medium text-soft">{title}</dt>
      <dd className="font-mono text-sm break-all">{value}</dd>
    </div>
  );
}
