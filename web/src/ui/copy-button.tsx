import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button.tsx";
import { useToast } from "./toaster.tsx";

export function CopyButton({ text }: { readonly text: string }): ReactNode {
  const { t } = useTranslation();
  const toast = useToast();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    // Over plain HTTP from another machine there is no clipboard.
    if (await writeClipboard(text)) setIsCopied(true);
    else toast({ tone: "bad", text: t("error.clipboard") });
  };
  return (
    <Button size="small" onClick={() => void copy()} onBlur={() => setIsCopied(false)}>
      {isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
      {isCopied ? t("state.copied") : t("action.copy")}
    </Button>
  );
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused, or not there: the text stays on the page to be marked by hand.
    return false;
  }
}
