export interface AuditTables {
  audit_log: {
    /** Twelve digits of the time in base 16, then a counter and random digits: sorts by time. */
    id: string;
    at: number;
    tenant: string | null;
    actor_kind: string;
    actor_id: string;
    actor_name: string;
    action: string;
    target_kind: string;
    target_id: string;
    before_json: string | null;
    after_json: string | null;
    ip: string | null;
    request_id: string | null;
  };
}
