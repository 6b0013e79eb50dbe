import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { Gateways } from "../api/operations.generated.ts";
import { useApi } from "../app/api-context.ts";
import { useSession } from "../app/session.tsx";

const everyMs = 5_000;

/** What the gateways serve, asked anew every few seconds; nothing is asked for who may not know. */
export function useGateways(): UseQueryResult<Gateways> {
  const api = useApi();
  const { can } = useSession();
  return useQuery({
    queryKey: ["gateways"],
    queryFn: ({ signal }) => api.call("listGateways", { signal }),
    enabled: can("gateways.read", "*"),
    refetchInterval: everyMs,
  });
}
