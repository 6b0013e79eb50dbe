import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";
import type { ApiClient } from "../api/api-client.ts";
import type { AnswerBody } from "../api/operation-types.ts";
import { useApi } from "./api-context.ts";

export type Me = AnswerBody<"getMe">;
export type Permission = Me["permissions"][string][number];

/** Who is signed in, and the tenant that the address names. */
export interface Session {
  readonly me: Me;
  readonly tenant: string;
  /** Whether it may be done in this tenant; with `*`, in all of the instance. */
  readonly can: (permission: Permission, tenant?: string) => boolean;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider(props: { readonly session: Session; readonly children: ReactNode }): ReactNode {
  return <SessionContext value={props.session}>{props.children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error("This part belongs inside of the shell.");
  return session;
}

/** Everything hidden or shown derives from the permissions that the API tells, never from the names of roles. */
export function sessionOf(me: Me, tenant: string): Session {
  return {
    me,
    tenant,
    can: (permission, where = tenant) =>
      [where, "*"].some((held) => me.permissions[held]?.includes(permission) === true),
  };
}

export function meQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.call("getMe", { signal }),
    staleTime: 60_000,
  });
}

export interface TenantChoice {
  readonly id: string;
  readonly title: string;
}

/** Tenants to switch between: all of them for who may list them, else those that one's roles name. */
export function useTenants(me: Me | undefined): readonly TenantChoice[] | undefined {
  const api = useApi();
  const mayList = me?.permissions["*"]?.includes("tenants.read") === true;
  const all = useQuery({
    queryKey: ["tenants"],
    queryFn: ({ signal }) => api.call("listTenants", { query: { limit: 200 }, signal }),
    enabled: mayList,
    staleTime: 60_000,
  });
  if (!mayList) return me?.tenants;
  return all.isError ? (me?.tenants ?? []) : all.data?.items.filter(({ isDisabled }) => !isDisabled);
}
