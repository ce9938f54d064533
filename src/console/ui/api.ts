import { signal } from '@preact/signals';
import type { ConsoleError } from '../contract';

/** Whether the server wants a token first. */
export const needsLogin = signal(false);

/** Why the server did not do what it was asked for, or `CONSOLE_UNREACHABLE`. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads from the console's server. @throws ApiError */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await call<T>(path, signal ? { signal } : {});
}

/** Asks the console's server to do something. @throws ApiError */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return await call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-unwind-console': '1' },
    body: JSON.stringify(body),
  });
}

/** Exchanges a token for a cookie. @throws ApiError */
export async function login(token: string): Promise<void> {
  await post('/api/login', { token });
  needsLogin.value = false;
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('CONSOLE_FAILED', String(error));
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answerOf(path, init);
  const text = await response.text();
  const body = parsed(text);
  if (!response.ok) throw refused(response, body);
  if (text !== '' && body === undefined)
    throw new ApiError('CONSOLE_FAILED', `${path} did not answer with JSON`);
  return body as T;
}

async function answerOf(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('CONSOLE_UNREACHABLE', 'The console does not answer. Check that its server runs.');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(response: Response, body: unknown): ApiError {
  const { code, message } = (body ?? {}) as Partial<ConsoleError>;
  if (response.status === 401 && code === 'TOKEN_MISSING') needsLogin.value = true;
  return new ApiError(code ?? `HTTP_${response.status}`, message ?? response.statusText);
}
