/**
 * Asks regularly whether somebody still answers, never twice at once, without keeping the process up.
 *
 * @param ask has a deadline of its own
 * @returns how to stop
 */
export function startHeartbeat(
  everyMs: number,
  ask: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): () => void {
  let isAsking = false;
  const beat = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      await ask();
    } catch (error) {
      onFailure(error);
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void beat(), everyMs).unref();
  return () => clearInterval(timer);
}
