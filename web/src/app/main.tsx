import "./app.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { openTranslation } from "../i18n/translation.ts";
import { Toaster } from "../ui/toaster.tsx";
import { ApiContext } from "./api-context.ts";
import { createAppRouter } from "./router.tsx";
import { leaveToSignIn } from "./sign-in.ts";
import { followSystemTheme } from "./theme.ts";

void start();

/** The entry of the bundle: the one file that runs by being loaded. */
async function start(): Promise<void> {
  const api = new ApiClient({ onSignedOut: leaveToSignIn });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: isWorthAnotherTry, staleTime: 5_000 } } });
  const router = createAppRouter();
  followSystemTheme();
  const translation = await openTranslation();
  const place = document.getElementById("root");
  if (place === null) throw new Error("index.html has no place for the application.");
  createRoot(place).render(
    <StrictMode>
      <I18nextProvider i18n={translation}>
        <ApiContext value={api}>
          <QueryClientProvider client={queries}>
            <Toaster>
              <RouterProvider router={router} />
            </Toaster>
          </QueryClientProvider>
        </ApiContext>
      </I18nextProvider>
    </StrictMode>,
  );
}

/** What the API refused, it refuses again; what nobody answered may be answered a moment later. */
function isWorthAnotherTry(failures: number, error: Error): boolean {
  const status = error instanceof ApiError ? error.status : 400;
  return failures < 2 && (status === 0 || status >= 502);
}
