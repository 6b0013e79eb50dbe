import { KeyRound, type LucideIcon, Network, Info, Server } from "lucide-react";
import type { Permission } from "./session.tsx";

/** A page of the navigation, shown to whoever may use it. */
export interface NavigationItem {
  readonly to:
    | "/t/$tenant/servers"
    | "/t/$tenant/access/keys"
    | "/t/$tenant/settings/gateways"
    | "/t/$tenant/settings/about";
  readonly text: "nav.servers" | "nav.keys" | "nav.gateways" | "nav.about";
  readonly icon: LucideIcon;
  /** Absent for what everybody may see. */
  readonly permission?: Permission;
  /** The permission is of the instance, not of the tenant. */
  readonly isOfInstance?: boolean;
}

export interface NavigationGroup {
  /** Absent for what stands by itself. */
  readonly title?: "nav.access" | "nav.settings";
  readonly items: readonly NavigationItem[];
}

/** The way around, in order. A new page is one line here and one in `router.tsx`. */
export const navigation: readonly NavigationGroup[] = [
  { items: [{ to: "/t/$tenant/servers", text: "nav.servers", icon: Server, permission: "servers.read" }] },
  {
    title: "nav.access",
    items: [{ to: "/t/$tenant/access/keys", text: "nav.keys", icon: KeyRound, permission: "keys.read" }],
  },
  {
    title: "nav.settings",
    items: [
      {
        to: "/t/$tenant/settings/gateways",
        text: "nav.gateways",
        icon: Network,
        permission: "gateways.read",
        isOfInstance: true,
      },
      { to: "/t/$tenant/settings/about", text: "nav.about", icon: Info },
    ],
  },
];
