// What every journey starts from: a Signet of the worker's own, people who sign in, and a page that may not complain.
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { PASSWORD, PEOPLE, startSignet } from './server.mjs';

export { expect, PASSWORD, PEOPLE };
export type Person = { login: string; name: string; roles: string[] };
export type Signet = Awaited<ReturnType<typeof startSignet>>;

/** Complaints of a page: console errors, uncaught exceptions, CSP violations. The fixture fails the test when there is any. */
function listen(page: Page, complaints: string[]) {
  page.on('console', (message) => {
    // A refused request is part of some journeys (409, 404, 422); the browser prints a line for it that is not the page's.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(`console: ${message.text()}`);
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(`csp: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
}

type Fixtures = { enter: (person: Person, path?: string) => Promise<Page>; complaints: string[] };

export const test = base.extend<Fixtures, { signet: Signet }>({
  signet: [
    async ({}, use) => {
      const signet = await startSignet();
      await use(signet);
      await signet.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints, 'no console error, exception or CSP violation').toEqual([]);
  },
  // A person signs in, each in a browser context (a device) of the person's own.
  enter: async ({ browser, signet, complaints, contextOptions }, use, info) => {
    const contexts: BrowserContext[] = [];
    const options = { ...info.project.use } as Record<string, unknown>;
    await use(async (person, path = '/') => {
      const context = await browser.newContext({
        ...contextOptions,
        viewport: options.viewport as never,
        userAgent: options.userAgent as never,
        isMobile: options.isMobile as never,
        hasTouch: options.hasTouch as never,
        deviceScaleFactor: options.deviceScaleFactor as never,
        locale: 'en-US',
        baseURL: signet.url,
      });
      contexts.push(context);
      const page = await context.newPage();
      listen(page, complaints);
      await signIn(page, person, path);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export async function signIn(page: Page, person: Person, path = '/') {
  await page.goto(`/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel('Sign-in name').fill(person.login);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  // the page listens
  await page.waitForFunction(() => document.documentElement.dataset.live === 'true');
}

/** An API token of `person`, made on the command line. */
export async function token(signet: Signet, person: Person): Promise<string> {
  const made = await signet.run(['token', 'create', '--login', person.login]);
  expect(made.status, made.stderr).toBe(0);
  return made.stdout.trim().split('\n').at(-1)!;
}

/** Calls the public API with a bearer token. */
export async function api(signet: Signet, bearer: string | null, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const raw = body instanceof Uint8Array || typeof body === 'string' || body instanceof FormData;
  const reply = await fetch(signet.url + path, {
    method,
    headers: {
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(body !== undefined && !raw ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : raw ? (body as never) : JSON.stringify(body),
  });
  return reply;
}

let invoice = 0;
/** Field values of an expense claim whose matter nobody else uses. */
export function claim(amount: string) {
  invoice += 1;
  return { project: 'P-17', invoice: `INV-${process.pid}-${Date.now()}-${invoice}`, amount };
}
