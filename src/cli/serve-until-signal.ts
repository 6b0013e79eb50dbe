/** What serves until it is told to end. */
export interface Served {
  /** Reads the configuration again. Never rejects. */
  readonly reload: () => Promise<void>;
  /** Finishes what runs and lets go of everything. */
  readonly close: () => Promise<void>;
}

/** Signals as a process gives them. */
export type SignalSource = Pick<NodeJS.Process, "on" | "off">;

/**
 * Serves until SIGTERM or SIGINT, then drains and resolves; SIGHUP reloads. A second SIGTERM or
 * SIGINT while draining calls `abandon`, which ends the process at once.
 */
export async function serveUntilSignal(
  served: Served,
  signals: SignalSource,
  abandon: (signal: NodeJS.Signals) => void,
): Promise<void> {
  const reload = (): void => void served.reload();
  signals.on("SIGHUP", reload);
  await new Promise<void>((resolve) => {
    let isDraining = false;
    const end = (signal: NodeJS.Signals): void => {
      if (isDraining) return abandon(signal);
      isDraining = true;
      resolve();
    };
    signals.on("SIGTERM", end);
    signals.on("SIGINT", end);
  });
  try {
    await served.close();
  } finally {
    signals.off("SIGHUP", reload);
  }
}
