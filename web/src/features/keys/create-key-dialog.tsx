import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/api-error.ts";
import type { Input } from "../../api/operation-types.ts";
import { useApi } from "../../app/api-context.ts";
import { useSession } from "../../app/session.tsx";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorFace } from "../../ui/faces.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";

type NewKey = Input<"createKey">["body"];
const roles = ["viewer", "operator", "editor", "administrator"] as const;
const lifetimes = [30, 90, 365] as const;
const dayMs = 86_400_000;

/** Asks what a key is for, makes it, and shows it once. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const api = useApi();
  const queries = useQueryClient();
  const { tenant } = useSession();
  const creation = useMutation({
    mutationFn: (body: NewKey) => api.call("createKey", { path: { tenant }, body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys", tenant] }),
  });
  if (creation.data !== undefined) return <MadeKey value={creation.data.key} onClose={onClose} />;
  return (
    <Dialog isOpen onClose={onClose} title={t("keys.create")}>
      <KeyForm
        error={creation.error}
        isSending={creation.isPending}
        onSubmit={(body) => creation.mutate(body)}
        onCancel={onClose}
      />
    </Dialog>
  );
}

interface KeyFormProps {
  readonly error: Error | null;
  readonly isSending: boolean;
  readonly onSubmit: (body: NewKey) => void;
  readonly onCancel: () => void;
}

function KeyForm({ error, isSending, onSubmit, onCancel }: KeyFormProps): ReactNode {
  const { t } = useTranslation();
  const [kind, setKind] = useState<"mcp" | "api">("mcp");
  const problemAt = (field: string): string | undefined =>
    error instanceof ApiError ? error.problemAt(field) : undefined;
  const hasPlace = ["body.name", "body.servers"].some((field) => problemAt(field) !== undefined);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit(readForm(new FormData(event.currentTarget)));
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      {error !== null && !hasPlace && <ErrorFace error={error} />}
      <TextField
        name="name"
        label={t("keys.name")}
        hint={t("keys.nameHint")}
        problem={problemAt("body.name")}
        required
        maxLength={100}
        autoComplete="off"
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          name="kind"
          label={t("keys.use")}
          value={kind}
          onChange={({ target }) => setKind(target.value === "api" ? "api" : "mcp")}
        >
          <option value="mcp">{t("keys.useMcp")}</option>
          <option value="api">{t("keys.useApiChoice")}</option>
        </SelectField>
        <SelectField name="days" label={t("keys.expires")} defaultValue="90">
          {lifetimes.map((days) => (
            <option key={days} value={days}>
              {t("keys.days", { count: days })}
            </option>
          ))}
          <option value="">{t("keys.never")}</option>
        </SelectField>
      </div>
      {kind === "api" ? (
        <SelectField name="role" label={t("keys.role")} defaultValue="viewer">
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`roles.${role}`)}
            </option>
          ))}
        </SelectField>
      ) : (
        <TextField
          name="servers"
          label={t("keys.servers")}
          hint={t("keys.serversHint")}
          problem={problemAt("body.servers")}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <div className="flex justify-end gap-2 pt-2">
        <Button onClick={onCancel}>{t("action.cancel")}</Button>
        <Button type="submit" look="main" disabled={isSending}>
          {t("keys.create")}
        </Button>
      </div>
    </form>
  );
}

function readForm(form: FormData): NewKey {
  const days = Number(form.get("days"));
  const servers = textIn(form, "servers")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  const role = roles.find((known) => known === form.get("role"));
  return {
    name: textIn(form, "name").trim(),
    use: role === undefined ? { kind: "mcp" } : { kind: "api", role },
    ...(servers.length === 0 ? {} : { servers }),
    ...(days === 0 ? {} : { expiresAt: Date.now() + days * dayMs }),
  };
}

function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Closing it forgets the key for good. */
function MadeKey({ value, onClose }: { readonly value: string; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog isOpen onClose={onClose} title={t("keys.made")} description={t("keys.madeText")}>
      <output
        aria-label={t("keys.keyLabel")}
        className="block rounded-lg bg-sunken px-4 py-3 font-mono text-sm break-all select-all"
      >
        {value}
      </output>
      <div className="mt-5 flex justify-end gap-2">
        <CopyButton text={value} />
        <Button look="main" size="small" onClick={onClose}>
          {t("action.done")}
        </Button>
      </div>
    </Dialog>
  );
}
