/** Sealed values, by tenant and name. */
export interface SecretTables {
  secrets: SecretRow;
}

export interface SecretRow {
  tenant: string;
  name: string;
  description: string;
  version: number;
  key_id: string;
  ciphertext: string;
  updated_by_id: string;
  updated_by_name: string;
  updated_at: number;
}
