import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { ServersPage } from "../features/servers/servers-page.tsx";
import { FailurePage } from "./failure-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Shell } from "./shell.tsx";
import { StartPage } from "./start-page.tsx";

declare module "@tanstack/react-router" {
  interface Register {
    readonly router: ReturnType<typeof createAppRouter>;
  }
}

/** What the list of servers shows: kept in the address, so that it can be linked to. */
export interface ServersSearch {
  readonly search?: string;
  /** Cursors of the pages up to the one that is shown; empty on the first page. */
  readonly pages?: readonly string[];
}

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: FailurePage });
const start = createRoute({ getParentRoute: () => root, path: "/", component: StartPage });
const shell = createRoute({ getParentRoute: () => root, path: "/t/$tenant", component: Shell });
const servers = createRoute({
  getParentRoute: () => shell,
  path: "/servers",
  validateSearch: readServersSearch,
  // Where everybody arrives: one request less than a file of its own.
  component: ServersPage,
});
const server = createRoute({
  getParentRoute: () => shell,
  path: "/servers/$name",
  component: lazyRouteComponent(() => import("../features/servers/server-page.tsx"), "ServerPage"),
});
const keys = createRoute({
  getParentRoute: () => shell,
  path: "/access/keys",
  component: lazyRouteComponent(() => import("../features/keys/keys-page.tsx"), "KeysPage"),
});
const gateways = createRoute({
  getParentRoute: () => shell,
  path: "/settings/gateways",
  component: lazyRouteComponent(() => import("../features/settings/gateways-page.tsx"), "GatewaysPage"),
});
const about = createRoute({
  getParentRoute: () => shell,
  path: "/settings/about",
  component: lazyRouteComponent(() => import("../features/settings/about-page.tsx"), "AboutPage"),
});

/** Every page of the UI; each is loaded when somebody goes there. */
export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([start, shell.addChildren([servers, server, keys, gateways, about])]),
    defaultPreload: "intent",
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: FailurePage,
    // Its own way to restore positions is a script that stands in the page.
    scrollRestoration: false,
  });
}

function readServersSearch(given: Readonly<Record<string, unknown>>): ServersSearch {
  const { search, pages } = given;
  const cursors = Array.isArray(pages) ? pages.filter((cursor): cursor is string => typeof cursor === "string") : [];
  return {
    ...(search === undefined || search === ""
      ? {}
      : { search: typeof search === "string" ? search : JSON.stringify(search) }),
    ...(cursors.length === 0 ? {} : { pages: cursors }),
  };
}
