import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { X } from "lucide-react";
import { type NavigationItem, navigation } from "./navigation.ts";
import { type Session, useSession } from "./session.tsx";

/** The navigation beside the page, where there is room for it. */
export function Sidebar(): ReactNode {
  return (
    <aside className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col border-r border-line bg-panel lg:flex">
      <Brand />
      <Navigation />
    </aside>
  );
}

/** The same in a drawer, on narrow screens. It closes when somebody has gone somewhere. */
export function Drawer({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  useEffect(() => dialog.current?.close(), [pathname]);
  return (
    <dialog
      ref={dialog}
      aria-label={t("shell.navigation")}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className="m-0 h-dvh max-h-none w-72 max-w-[85vw] border-r border-line bg-panel text-ink shadow-2xl"
    >
      {isOpen && (
        <>
          <div className="flex items-center justify-between pr-3">
            <Brand />
            <Button look="quiet" size="icon" aria-label={t("action.close")} onClick={onClose}>
              <X />
            </Button>
          </div>
          <Navigation />
        </>
      )}
    </dialog>
  );
}

function Brand(): ReactNode {
  return (
    <Link to="/" className="flex h-16 items-center gap-2.5 px-5 text-lg font-semibold tracking-tight">
      <img src="/icon.svg" alt="" className="size-7" />
      Passerelle
    </Link>
  );
}

function Navigation(): ReactNode {
  const { t } = useTranslation();
  const session = useSession();
  const groups = navigation
    .map((group) => ({ ...group, items: group.items.filter((item) => isShown(item, session)) }))
    .filter(({ items }) => items.length > 0);
  return (
    <nav aria-label={t("shell.navigation")} className="flex-1 space-y-6 overflow-y-auto px-3 py-4">
      {groups.map(({ title, items }) => (
        <div key={title ?? items[0]?.to}>
          {title !== undefined && <p className="px-3 pb-1.5 text-xs font-medium text-soft">{t(title)}</p>}
          <ul className="space-y-0.5">
            {items.map(({ to, text, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  params={{ tenant: session.tenant }}
                  className="flex h-10 items-center gap-3 rounded-lg px-3 font-medium text-soft hover:bg-sunken hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:text-accent"
                >
                  <Icon aria-hidden="true" className="size-4.5 shrink-0" />
                  {t(text)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** Whether the caller may use what the item leads to. */
export function isShown({ permission, isOfInstance }: NavigationItem, { can }: Session): boolean {
  return permission === undefined || (isOfInstance === true ? can(permission, "*") : can(permission));
}
