import { Plug, Terminal } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../app/session.tsx";

/** How a server is made, with the commands for this tenant. */
export function CreateWays(): ReactNode {
  const { t } = useTranslation();
  const { tenant } = useSession();
  const ways = [
    {
      icon: Terminal,
      title: t("servers.wayTerminal"),
      text: t("servers.wayTerminalText"),
      code: "passerelle check servers/",
    },
    {
      icon: Plug,
      title: t("servers.wayApi"),
      text: t("servers.wayApiText"),
      code: `POST ${location.origin}/api/v1/tenants/${tenant}/servers`,
    },
  ];
  return (
    <ul className="mx-auto grid max-w-3xl gap-4 text-left sm:grid-cols-2">
      {ways.map(({ icon: Icon, title, text, code }) => (
        <li key={title} className="rounded-xl border border-line p-4">
          <h3 className="flex items-center gap-2 font-medium">
            <Icon aria-hidden="true" className="size-4 text-accent" />
            {title}
          </h3>
          <p className="mt-1 text-sm text-soft">{text}</p>
          <code className="mt-3 block rounded-lg bg-sunken px-3 py-2 font-mono text-xs break-all">{code}</code>
        </li>
      ))}
    </ul>
  );
}
