import type { AuditEntry, AuditLog, AuditQuery } from "../core/audit-log.ts";

export type ExportFormat = "ndjson" | "csv";

export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  ndjson: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
};

const pageSize = 200;

/** The entries as a stream, newest first: a page is read when the client has taken the one before. */
export function exportAudit(
  audit: AuditLog,
  query: Omit<AuditQuery, "limit" | "cursor">,
  format: ExportFormat,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let cursor: string | undefined;
  let isFirst = true;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const page = await audit.list({ ...query, limit: pageSize, cursor });
      const head = isFirst && format === "csv" ? `${csvColumns.join(",")}\r\n` : "";
      const lines = page.items.map((entry) => (format === "csv" ? csvLine(entry) : `${JSON.stringify(entry)}\n`));
      const text = head + lines.join("");
      isFirst = false;
      cursor = page.nextCursor;
      if (text !== "") controller.enqueue(encoder.encode(text));
      if (cursor === undefined) controller.close();
    },
  });
}

const csvColumns = [
  "id",
  "time",
  "tenant",
  "actor_kind",
  "actor_id",
  "actor_name",
  "action",
  "target_kind",
  "target_id",
  "before",
  "after",
  "ip",
  "request_id",
] as const;

function csvLine({ id, at, tenant, actor, action, target, before, after, ip, requestId }: AuditEntry): string {
  const cells = [
    id,
    new Date(at).toISOString(),
    tenant,
    actor.kind,
    actor.id,
    actor.name,
    action,
    target.kind,
    target.id,
    before === undefined ? undefined : JSON.stringify(before),
    after === undefined ? undefined : JSON.stringify(after),
    ip,
    requestId,
  ];
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** RFC 4180, with what a spreadsheet would take for a formula made harmless by an apostrophe (OWASP, CSV injection). */
function csvCell(value: string | undefined): string {
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value ?? "") ? `'${value}` : (value ?? "");
  return /[",\r\n;']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
