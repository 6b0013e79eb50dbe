import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { BookOpen, LogOut, type LucideIcon, Moon, Server, Sun } from "lucide-react";
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "./api-context.ts";
import { useSignOut } from "./header-tools.tsx";
import { navigation } from "./navigation.ts";
import { useSession } from "./session.tsx";
import { isShown } from "./sidebar.tsx";
import { chooseTheme } from "./theme.ts";

// The default export is what `lazy` of React loads.
// oxlint-disable-next-line import/no-default-export
export default function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Otherwise it is on the list, which takes the focus too, and nothing is typed.
    input.current?.focus();
  }, []);
  const run = (action: () => void) => () => {
    dialog.current?.close();
    action();
  };
  return (
    <dialog
      ref={dialog}
      aria-label={t("shell.commands")}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && dialog.current.close()}
      className="mt-[12vh] w-[calc(100%-2rem)] max-w-xl rounded-2xl border border-line bg-panel text-ink shadow-2xl"
    >
      <Command label={t("shell.commands")} loop>
        <Command.Input
          ref={input}
          value={typed}
          onValueChange={setTyped}
          placeholder={t("shell.commandHint")}
          className="h-14 w-full border-b border-line bg-transparent px-5 text-base outline-none placeholder:text-soft"
        />
        <Command.List className="max-h-[50vh] overflow-y-auto p-2" label={t("shell.commands")}>
          <Command.Empty className="px-3 py-8 text-center text-soft">{t("shell.nothing")}</Command.Empty>
          <PageCommands run={run} />
          <ServerCommands typed={typed} run={run} />
          <AccountCommands run={run} />
        </Command.List>
      </Command>
    </dialog>
  );
}

type Run = (action: () => void) => () => void;

function PageCommands({ run }: { readonly run: Run }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const items = navigation.flatMap((group) => group.items).filter((item) => isShown(item, session));
  return (
    <Group heading={t("shell.goTo")}>
      {items.map(({ to, text, icon }) => (
        <Item
          key={to}
          icon={icon}
          text={t(text)}
          onSelect={run(() => void navigate({ to, params: { tenant: session.tenant } }))}
        />
      ))}
    </Group>
  );
}

/** Servers whose names hold what is typed; the apiserver looks for them. */
function ServerCommands({ typed, run }: { readonly typed: string; readonly run: Run }): ReactNode {
  const { t } = useTranslation();
  const api = useApi();
  const navigate = useNavigate();
  const { tenant, can } = useSession();
  const search = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ["servers", tenant, "palette", search],
    queryFn: ({ signal }) =>
      api.call("listServers", { path: { tenant }, query: { limit: 8, search: search || undefined }, signal }),
    enabled: can("servers.read"),
    placeholderData: keepPreviousData,
  });
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Group heading={t("nav.servers")}>
      {items.map(({ name }) => (
        <Item
          key={name}
          icon={Server}
          text={name}
          onSelect={run(() => void navigate({ to: "/t/$tenant/servers/$name", params: { tenant, name } }))}
        />
      ))}
    </Group>
  );
}

function AccountCommands({ run }: { readonly run: Run }): ReactNode {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Group heading={t("shell.account")}>
      <Item
        icon={Sun}
        text={`${t("shell.theme")}: ${t("shell.themeLight")}`}
        onSelect={run(() => chooseTheme("light"))}
      />
      <Item
        icon={Moon}
        text={`${t("shell.theme")}: ${t("shell.themeDark")}`}
        onSelect={run(() => chooseTheme("dark"))}
      />
      <Item icon={BookOpen} text={t("shell.api")} onSelect={run(() => location.assign("/api/docs"))} />
      <Item icon={LogOut} text={t("shell.signOut")} onSelect={run(signOut)} />
    </Group>
  );
}

function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }): ReactNode {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  readonly icon: LucideIcon;
  readonly text: string;
  readonly onSelect: () => void;
}

function Item({ icon: Icon, text, onSelect }: ItemProps): ReactNode {
  return (
    <Command.Item
      value={text}
      onSelect={onSelect}
      className="flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 py-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent"
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className="min-w-0 break-all">{text}</span>
    </Command.Item>
  );
}
