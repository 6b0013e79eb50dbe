/** What changed: documents, secrets, or API keys. */
export type ChangeTopic = "documents" | "secrets" | "keys";

/**
 * Tells every gateway that something may have changed. A hint: gateways poll besides, and a lost one costs seconds.
 * Never fails because nobody listens; a way that does not work is logged by the announcer.
 */
export interface ChangeAnnouncer {
  announce(topic: ChangeTopic): Promise<void>;
  close(): Promise<void>;
}
