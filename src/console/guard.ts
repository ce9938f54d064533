import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { ConsoleError } from './console-error';

const COOKIE = 'unwind_console';
/** A page of another site cannot send it without asking first, which the console never allows. */
const OWN_HEADER = 'x-unwind-console';

/** Who may use the console. */
export interface Access {
  /** Names by which a browser may reach it: what another name leads to is refused, since any site may have one that leads here. */
  readonly hosts: ReadonlySet<string>;
  /** Absent: everyone who can reach it. */
  readonly token?: string | undefined;
}

/** What a browser may do with the page: its own files, and nothing else. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
});

/** Refuses requests that another site makes a browser send: across sites, or under a name that leads to this address. */
export function sameSite({ hosts }: Access): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const host = req.header('host') ?? '';
    const name = host.replace(/:\d+$/, '');
    if (hosts.size > 0 && !hosts.has(name))
      throw new ConsoleError('ORIGIN_REFUSED', `the console is not known as ${name}`);
    const site = req.header('sec-fetch-site');
    if (site === 'cross-site' && req.path.startsWith('/api/'))
      throw new ConsoleError('ORIGIN_REFUSED', 'the request comes from another site');
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      const origin = req.header('origin');
      if (origin !== undefined && !isOrigin(origin, host))
        throw new ConsoleError('ORIGIN_REFUSED', `the request comes from ${origin}`);
      if (req.header(OWN_HEADER) === undefined)
        throw new ConsoleError(
          'ORIGIN_REFUSED',
          `a request that changes something needs the header ${OWN_HEADER}`,
        );
    }
    await next();
  };
}

/** Whether it is the console's own. Behind a proxy the scheme may be another. */
function isOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Refuses who has not logged in. */
export function loggedIn({ token }: Access): MiddlewareHandler {
  return async (context, next) => {
    if (token !== undefined && !isLoggedIn(context, token))
      throw new ConsoleError('TOKEN_MISSING', 'log in with the token of the console');
    await next();
  };
}

function isLoggedIn(context: Context, token: string): boolean {
  const bearer = context.req.header('authorization')?.replace(/^Bearer /, '');
  if (bearer !== undefined) return isSame(bearer, token);
  return isSame(getCookie(context, COOKIE) ?? '', sessionOf(token));
}

/** Has the browser remember that it knows the token. @throws ConsoleError `TOKEN_MISSING` */
export function logIn(context: Context, { token }: Access, given: string): void {
  if (token === undefined) return;
  if (!isSame(given, token)) throw new ConsoleError('TOKEN_MISSING', 'this is not the token of the console');
  setCookie(context, COOKIE, sessionOf(token), {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure: context.req.header('x-forwarded-proto') === 'https',
  });
}

/** The cookie must not hold the token itself. */
function sessionOf(token: string): string {
  return createHmac('sha256', token).update('session').digest('base64url');
}

/** Takes the same time wherever the difference is. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
