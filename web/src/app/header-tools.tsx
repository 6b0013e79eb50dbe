import { CircleUserRound, Languages, LogOut, Search, SunMoon, UserRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { asLanguage, chooseLanguage, languages } from "../i18n/translation.ts";
import { Button } from "../ui/button.tsx";
import { Menu, MenuChoices, MenuItem, MenuLine } from "../ui/menu.tsx";
import { useToast } from "../ui/toaster.tsx";
import { useApi } from "./api-context.ts";
import { useSession } from "./session.tsx";
import { chooseTheme, chosenTheme, themes } from "./theme.ts";

/** The right end of the header: the palette, how pages look and in which language, and the account. */
export function HeaderTools({ onSearch }: { readonly onSearch: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="ml-auto flex items-center gap-1">
      <Button
        className="mr-1 w-10 bg-page px-0 font-normal text-soft sm:w-64 sm:justify-start sm:px-3"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={onSearch}
      >
        <Search aria-hidden="true" />
        <span className="sr-only sm:not-sr-only sm:truncate">{t("shell.commands")}</span>
        <kbd
          aria-hidden="true"
          className="ml-auto hidden rounded border border-line px-1.5 font-sans text-xs sm:inline"
        >
          Ctrl K
        </kbd>
      </Button>
      <ThemeMenu />
      <LanguageMenu />
      <AccountMenu />
    </div>
  );
}

function ThemeMenu(): ReactNode {
  const { t } = useTranslation();
  const [theme, setTheme] = useState(chosenTheme);
  const texts = { system: t("shell.themeSystem"), light: t("shell.themeLight"), dark: t("shell.themeDark") };
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label={t("shell.theme")}>
          <SunMoon aria-hidden="true" />
        </Button>
      }
    >
      <MenuChoices
        label={t("shell.theme")}
        value={theme}
        choices={themes.map((value) => ({ value, text: texts[value] }))}
        onChoose={(chosen) => {
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      />
    </Menu>
  );
}

function LanguageMenu(): ReactNode {
  const { t, i18n } = useTranslation();
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label={t("shell.language")}>
          <Languages aria-hidden="true" />
        </Button>
      }
    >
      <MenuChoices
        label={t("shell.language")}
        value={asLanguage(i18n.language) ?? "en"}
        choices={languages.map(({ value, text }) => ({ value, text, lang: value }))}
        onChoose={(language) => void chooseLanguage(i18n, language)}
      />
    </Menu>
  );
}

function AccountMenu(): ReactNode {
  const { t } = useTranslation();
  const { me } = useSession();
  const signOut = useSignOut();
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label={t("shell.account")}>
          <CircleUserRound aria-hidden="true" />
        </Button>
      }
    >
      <p className="px-2.5 pt-2 pb-1">
        <span className="block font-medium break-words">{me.name}</span>
        {me.email !== undefined && <span className="block text-sm break-all text-soft">{me.email}</span>}
      </p>
      <MenuLine />
      <MenuItem onSelect={() => location.assign("/account")}>
        <UserRound aria-hidden="true" />
        {t("shell.accountPage")}
      </MenuItem>
      <MenuItem onSelect={signOut}>
        <LogOut aria-hidden="true" />
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}

/** Ends the sign-in and leaves; when that fails, whoever pressed it is told and stays signed in. */
export function useSignOut(): () => void {
  const api = useApi();
  const toast = useToast();
  return () => {
    api.call("signOut").then(
      () => location.assign("/sign-in"),
      (error: unknown) => toast({ tone: "bad", text: error instanceof Error ? error.message : String(error) }),
    );
  };
}
