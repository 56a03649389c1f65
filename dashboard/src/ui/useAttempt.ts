import { useState } from 'react';

/** What a press of a button sets going: whether it still goes on, and what went wrong with it last. */
export function useAttempt() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (error) {
      setError(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, attempt, forgetError: () => setError(undefined) };
}
