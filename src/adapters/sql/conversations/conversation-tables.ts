/** Tables of conversations. Times are milliseconds since 1970, flags 0 or 1. */
export interface ConversationTables {
  conversations: ConversationRow;
  conversation_messages: MessageRow;
}

export interface ConversationRow {
  id: string;
  tenant: string;
  owner_id: string;
  key_id: string | null;
  title: string;
  /** The title as it is searched. */
  search_title: string;
  model: string | null;
  /** A JSON list of names. */
  servers: string;
  archived: number;
  shared: number;
  leaf_id: string | null;
  version: number;
  /** Messages of all branches; also the number of the last one, since none is taken away. */
  messages: number;
  /** Bytes of all their parts. */
  bytes: number;
  input_tokens: number;
  output_tokens: number;
  cost_micro_dollars: number;
  latency_ms: number;
  created_at: number;
  updated_at: number;
  /** Set when its owner or tenant was deleted: it waits to be removed, and nobody sees it. */
  deleted_at: number | null;
  /** A JSON object. */
  settings: string;
  system_prompt: string;
}

export interface MessageRow {
  id: string;
  conversation_id: string;
  number: number;
  parent_id: string | null;
  role: string;
  state: string;
  model: string | null;
  /** A JSON object. */
  usage_json: string;
  version: number;
  created_at: number;
  updated_at: number;
  /** When it was written last, while it is streaming: few rows have one, and those are looked for. */
  streaming_at: number | null;
  /** Of `parts`. */
  bytes: number;
  error: string | null;
  search_text: string;
  /** A JSON list. */
  parts: string;
}
