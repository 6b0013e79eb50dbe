import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Network, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Gateway } from "../../api/operations.generated.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyFace, QueryFace } from "../../ui/faces.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { useToast } from "../../ui/toaster.tsx";
import { useGateways } from "../gateways-query.ts";
import { ProblemList } from "../servers/problem-list.tsx";

/** Which gateways run, how far behind each is, and what it will not serve. */
export function GatewaysPage(): ReactNode {
  const { t } = useTranslation();
  const { can } = useSession();
  const query = useGateways();
  return (
    <>
      <PageHeader title={t("gateways.title")} text={t("gateways.text")}>
        {can("gateways.reload", "*") && <ReloadButton />}
      </PageHeader>
      <QueryFace query={query}>
        {({ items, revision }) =>
          items.length === 0 ? (
            <EmptyFace icon={Network} title={t("gateways.none")} text={t("gateways.noneText")} />
          ) : (
            <>
              <ul className="space-y-4">
                {items.map((gateway) => (
                  <GatewayCard key={gateway.id} gateway={gateway} />
                ))}
              </ul>
              <p className="mt-4 text-sm text-soft">{t("gateways.newest", { revision })}</p>
            </>
          )
        }
      </QueryFace>
    </>
  );
}

function ReloadButton(): ReactNode {
  const { t } = useTranslation();
  const api = useApi();
  const queries = useQueryClient();
  const toast = useToast();
  const reload = useMutation({
    mutationFn: () => api.call("reloadGateways"),
    onSuccess: async () => {
      toast({ tone: "good", text: t("gateways.reloaded") });
      await queries.invalidateQueries({ queryKey: ["gateways"] });
    },
    onError: (error) => toast({ tone: "bad", text: error.message }),
  });
  return (
    <Button disabled={reload.isPending} onClick={() => reload.mutate()}>
      <RefreshCw aria-hidden="true" />
      {t("gateways.reload")}
    </Button>
  );
}

function GatewayCard({ gateway }: { readonly gateway: Gateway }): ReactNode {
  const { t } = useTranslation();
  const { name, url, state, isCurrent, behind, refused } = gateway;
  const facts = [
    { title: t("gateways.servers"), value: gateway.servers },
    { title: t("gateways.sessions"), value: gateway.sessions },
    { title: t("gateways.revision"), value: gateway.revision },
    { title: t("gateways.version"), value: gateway.version },
    { title: t("gateways.started"), value: <Moment at={gateway.startedAt} /> },
    { title: t("gateways.reported"), value: <Moment at={gateway.reportedAt} /> },
  ];
  return (
    <li className="rounded-2xl border border-line bg-panel p-5">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="mr-2 font-semibold break-all">{name}</h2>
        <Badge tone={state === "live" ? "good" : "bad"}>{t(`gateways.${state}`)}</Badge>
        {state === "live" && (
          <Badge tone={isCurrent ? "plain" : "warn"}>
            {isCurrent ? t("gateways.current") : t("gateways.behind", { count: behind.documents })}
          </Badge>
        )}
      </div>
      <p className="mt-1 font-mono text-xs break-all text-soft">{url}</p>
      <dl className="mt-4 grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(({ title, value }) => (
          <div key={title}>
            <dt className="text-xs font-medium text-soft">{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {refused.length > 0 && (
        <section className="mt-4 rounded-xl bg-bad-soft p-4">
          <h3 className="font-medium text-bad">{t("gateways.refused")}</h3>
          {refused.map((document) => (
            <div key={`${document.tenant}/${document.name}`} className="mt-3">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-mono text-sm break-all">{`${document.tenant}/${document.name}`}</span>
                <Badge tone="bad">{t(`serving.${document.state}`)}</Badge>
              </p>
              <ProblemList problems={document.problems} />
            </div>
          ))}
        </section>
      )}
    </li>
  );
}
