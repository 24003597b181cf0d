// Every page in both languages, light and dark: no axe violation, no sideways scroll, nothing to complain about.
import type { Page } from '@playwright/test';
import { accessible, staysInside } from '../support/accessible';
import { api, claim, expect, PEOPLE, signIn, test, token } from '../support/test';

/** Waits until the page listens and shows no loading state any more. */
async function settle(page: Page) {
  await page.waitForFunction(() => document.documentElement.dataset.live === 'true');
  await expect(page.locator('.loading')).toHaveCount(0, { timeout: 20_000 });
  if (await page.locator('.stage .sheet').count()) await expect(page.locator('.sheet canvas').first()).toBeVisible();
}

/** The licences are a page without script: one of its texts is unfolded. */
async function unfold(page: Page) {
  await expect(page.getByRole('link', { name: /^typst \d/ })).toBeVisible();
  await page.locator('summary').first().click();
  await expect(page.locator('pre').first()).toBeVisible();
  // Back to the top: a link that the head of the page half covers counts as too small.
  await page.evaluate(() => scrollTo(0, 0));
}

async function inspect(page: Page, what: string, settled = settle) {
  await settled(page);
  await accessible(page, what);
}

for (const lang of ['en', 'zh'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test(`every page, ${lang}, ${theme}`, async ({ enter, signet }, info) => {
      test.setTimeout(180_000);
      const creator = await token(signet, PEOPLE.creator);
      const head = await token(signet, PEOPLE.head);
      const submit = async () => {
        const fields = { ...claim('7280.00'), department: 'Works', date: '2026-11-23', reason: 'Jinan to Qingdao and back, site survey' };
        const made = await api(signet, creator, 'POST', '/api/v1/documents', { type: 'EXP', title: 'Travel, Jinan to Qingdao', fields });
        expect(made.status, await made.clone().text()).toBe(201);
        return (await made.json()).number as string;
      };
      const waiting = await submit();
      const rejected = await submit();
      await api(signet, head, 'POST', `/api/v1/documents/${rejected}/rejection`, { reason: 'The receipt is missing' }, { 'if-match': '"0"' });

      const visit = async (person: typeof PEOPLE.creator, paths: string[]) => {
        const page = await enter(person);
        await page.context().addCookies([
          { name: 'lang', value: lang, url: signet.url },
          { name: 'theme', value: theme, url: signet.url },
        ]);
        for (const path of paths) {
          await page.goto(path);
          await inspect(page, `${person.login} ${path}`);
          if (process.env.SIGNET_PICTURES) {
            const name = `${path.replace(/\W+/g, '-').replace(/EXP-\d+-\d+/, 'number')}-${info.project.name}-${lang}-${theme}`;
            await page.screenshot({ path: `${process.env.SIGNET_PICTURES}/${person.login}${name}.png`, fullPage: info.project.name !== 'desktop' });
          }
        }
        return page;
      };
      const out = await visit(PEOPLE.creator, ['/documents', `/documents/${waiting}`, `/documents/${rejected}/correct`, '/create', '/create/EXP', '/create/RCT', '/mailbox', '/verify', '/nowhere']);
      await visit(PEOPLE.head, ['/inbox', `/inbox/${waiting}`, `/documents/${waiting}`, `/documents/${waiting}/sign`, `/documents/${waiting}/reject`, '/keys', '/seals']);
      await visit(PEOPLE.admin, ['/admin/people', '/admin/keys', '/admin/types', '/admin/health']);
      await out.context().clearCookies({ name: /signet/ });
      await out.goto('/sign-in');
      await inspect(out, 'sign in');
      await out.getByRole('link', { name: lang === 'en' ? 'Licences' : '许可证' }).click();
      await inspect(out, 'licences', unfold);
    });
  }
}

test('no page scrolls sideways on the smallest phone', async ({ enter, signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const fields = { ...claim('7280.00'), department: 'Works', date: '2026-11-23', reason: 'Survey' };
  const { number } = await (await api(signet, creator, 'POST', '/api/v1/documents', { type: 'EXP', fields })).json();
  const page = await enter(PEOPLE.creator);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ['/documents', `/documents/${number}`, '/create/EXP', '/mailbox', '/keys', '/seals', '/verify']) {
    await page.goto(path);
    await settle(page);
    await staysInside(page, path);
  }
  await page.goto('/licences');
  await page.locator('details').evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
  await staysInside(page, '/licences');
});

test('the language follows the browser at first, then the switch', async ({ browser, signet }) => {
  const context = await browser.newContext({ locale: 'zh-CN', baseURL: signet.url });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { name: '登录 Signet' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await context.addCookies([{ name: 'lang', value: 'en', url: signet.url }]);
  await signIn(page, PEOPLE.creator, '/documents');
  await expect(page.getByRole('heading', { name: 'Documents', exact: true })).toBeVisible();
  await context.close();
});
