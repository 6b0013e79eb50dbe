import { createContext, use } from "react";
import type { ApiClient } from "../api/api-client.ts";

export const ApiContext = createContext<ApiClient | undefined>(undefined);

export function useApi(): ApiClient {
  const api = use(ApiContext);
  if (api === undefined) throw new Error("There is no API outside of the application.");
  return api;
}
