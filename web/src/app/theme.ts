const storageKey = "passerelle-theme";

export const themes = ["system", "light", "dark"] as const;

/** Light, dark, or whatever the system is. `public/theme.js` shows the same before the page is painted. */
export type Theme = (typeof themes)[number];

export function chosenTheme(): Theme {
  const stored = localStorage.getItem(storageKey);
  return themes.find((theme) => theme === stored) ?? "system";
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(storageKey, theme);
  showTheme();
}

/** Follows the system while nothing else is chosen. */
export function followSystemTheme(): void {
  systemIsDark().addEventListener("change", showTheme);
}

function showTheme(): void {
  const theme = chosenTheme();
  const isDark = theme === "dark" || (theme === "system" && systemIsDark().matches);
  document.documentElement.classList.toggle("dark", isDark);
}

function systemIsDark(): MediaQueryList {
  return matchMedia("(prefers-color-scheme: dark)");
}
