import { useEffect, useState } from 'preact/hooks';
import { type ApiError, asApiError, get } from './api';
import { reconnects } from './live';

/** What was read from a path, as far as it is known. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

interface State<T> {
  readonly path: string;
  readonly data?: T;
  readonly error?: ApiError;
}

/**
 * Reads a path of the API, again when the connection for changes was lost.
 * @param pushed what the server sent for it by itself; the latest of both is shown.
 */
export function useLoaded<T>(path: string, pushed?: T): Loaded<T> {
  const [state, setState] = useState<State<T>>({ path });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    get<T>(path, stop.signal).then(
      (data) => setState({ path, data }),
      (error: unknown) => {
        if (!stop.signal.aborted)
          setState((was) => ({ ...(was.path === path ? was : { path }), error: asApiError(error) }));
      },
    );
    return () => stop.abort();
  }, [path, round, reconnects.value]);
  useEffect(() => {
    if (pushed !== undefined) setState({ path, data: pushed });
  }, [path, pushed]);
  const own = state.path === path ? state : undefined;
  return { data: own?.data, error: own?.error, reload: () => setRound((was) => was + 1) };
}
