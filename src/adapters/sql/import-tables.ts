/** Tables of imports. Times are milliseconds since 1970. */
export interface ImportTables {
  server_imports: ServerImportRow;
}

export interface ServerImportRow {
  tenant: string;
  server: string;
  kind: string;
  source: string;
  address: string | null;
  /** A JSON object. */
  choices: string;
  description_hash: string;
  imported_at: number;
  imported_by_id: string;
  imported_by_name: string;
  /** A JSON object. */
  names: string;
  /** The document that was made, as JSON: up to some megabytes. */
  document: string;
}
