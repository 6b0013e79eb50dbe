import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../../app/api-context.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorFace } from "../../ui/faces.tsx";
import { useToast } from "../../ui/toaster.tsx";
import type { ApiKey } from "./api-key.ts";

/** Names what breaks, then revokes. */
export function RevokeKeyDialog({ item, onClose }: { readonly item: ApiKey; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const api = useApi();
  const queries = useQueryClient();
  const toast = useToast();
  const { id, name, hint, tenant } = item;
  const revocation = useMutation({
    mutationFn: () => api.call("revokeKey", { path: { tenant, key: id } }),
    onSuccess: async () => {
      toast({ tone: "good", text: t("keys.revoked", { name }) });
      onClose();
      await queries.invalidateQueries({ queryKey: ["keys", tenant] });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t("keys.revokeTitle", { name })}
      description={t("keys.revokeText", { hint })}
    >
      {revocation.error !== null && <ErrorFace error={revocation.error} />}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button look="danger" disabled={revocation.isPending} onClick={() => revocation.mutate()}>
          {t("keys.revoke")}
        </Button>
      </div>
    </Dialog>
  );
}
