import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useParams } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { ErrorFace, LoadingFace } from "../ui/faces.tsx";
import { useApi } from "./api-context.ts";
import { Drawer, Sidebar } from "./sidebar.tsx";
import { HeaderTools } from "./header-tools.tsx";
import { rememberTenant } from "./last-tenant.ts";
import { meQuery, SessionProvider, sessionOf } from "./session.tsx";
import { TenantSwitcher } from "./tenant-switcher.tsx";

const CommandPalette = lazy(() => import("./command-palette.tsx"));

/** What stands around every page of a tenant: the way around, who one is, and the page itself. */
export function Shell(): ReactNode {
  const { t } = useTranslation();
  const { tenant } = useParams({ from: "/t/$tenant" });
  const me = useQuery(meQuery(useApi()));
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const [isPaletteOpen, setIsPaletteOpen] = usePaletteShortcut();
  const main = useFocusedMain();
  useEffect(() => rememberTenant(tenant), [tenant]);
  useEffect(() => {
    if (me.data?.mustChangePassword === true) location.assign("/account");
  }, [me.data]);
  if (me.data === undefined) {
    return (
      <main className="mx-auto max-w-5xl p-6">
        {me.isError ? <ErrorFace error={me.error} onRetry={() => void me.refetch()} /> : <LoadingFace />}
      </main>
    );
  }
  return (
    <SessionProvider session={sessionOf(me.data, tenant)}>
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("shell.skip")}
      </a>
      <div className="flex min-h-dvh">
        <Sidebar />
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="sticky top-0 z-30 flex h-16 items-center gap-2 border-b border-line bg-panel px-4 sm:px-6">
            <Button
              look="quiet"
              size="icon"
              className="-ml-2 lg:hidden"
              aria-label={t("shell.menu")}
              onClick={() => setIsDrawerOpen(true)}
            >
              <MenuIcon />
            </Button>
            <TenantSwitcher />
            <HeaderTools onSearch={() => setIsPaletteOpen(true)} />
          </header>
          <main ref={main} id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 px-4 py-8 sm:px-8">
            <Suspense fallback={<LoadingFace />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      <Drawer isOpen={isDrawerOpen} onClose={() => setIsDrawerOpen(false)} />
      {isPaletteOpen && (
        <Suspense>
          <CommandPalette onClose={() => setIsPaletteOpen(false)} />
        </Suspense>
      )}
    </SessionProvider>
  );
}

/** Ctrl+K or ⌘K, wherever the focus is. */
function usePaletteShortcut() {
  const state = useState(false);
  const [, setIsOpen] = state;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setIsOpen(true);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [setIsOpen]);
  return state;
}

/** Whoever goes to another page is at its beginning: screen readers begin to read there. */
function useFocusedMain() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [pathname]);
  return main;
}
