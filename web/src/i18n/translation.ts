import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { en, type Messages } from "./en.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    readonly resources: { readonly translation: typeof en };
  }
}

/** The languages, as their speakers call them. */
export const languages = [
  { value: "en", text: "English" },
  { value: "fr", text: "Français" },
  { value: "es", text: "Español" },
  { value: "zh", text: "中文" },
] as const;

export type Language = (typeof languages)[number]["value"];

const storageKey = "passerelle-language";

/** Everybody gets English at once; other languages come when somebody speaks them. */
const loaders: Readonly<Record<Exclude<Language, "en">, () => Promise<Messages>>> = {
  fr: async () => (await import("./fr.ts")).fr,
  es: async () => (await import("./es.ts")).es,
  zh: async () => (await import("./zh.ts")).zh,
};

/** The texts in the language that was chosen, else the first of the browser's that there is. */
export async function openTranslation(): Promise<i18n> {
  const instance = i18next.createInstance();
  await instance.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React writes text as text
  });
  await showLanguage(instance, firstLanguage());
  return instance;
}

/** Loads a language, shows it, and remembers it. */
export async function chooseLanguage(instance: i18n, language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await showLanguage(instance, language);
}

async function showLanguage(instance: i18n, language: Language): Promise<void> {
  if (language !== "en" && !instance.hasResourceBundle(language, "translation"))
    instance.addResourceBundle(language, "translation", await loaders[language]());
  await instance.changeLanguage(language);
  document.documentElement.lang = language;
}

function firstLanguage(): Language {
  const wanted = [localStorage.getItem(storageKey) ?? "", ...navigator.languages].map((tag) => tag.split("-")[0]);
  return wanted.map(asLanguage).find((language) => language !== undefined) ?? "en";
}

export function asLanguage(tag: string | undefined): Language | undefined {
  return languages.find(({ value }) => value === tag)?.value;
}
