// What every page and state must pass: no axe violation, nothing scrolls sideways.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** `what` names the page or state in the failure. */
export async function accessible(page: Page, what: string) {
  // In the page itself: the other mode opens a second page each time, for frames of other origins, and there are none.
  const found = await new AxeBuilder({ page }).setLegacyMode(true).withTags(RULES).analyze();
  expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(' | ')}`), what).toEqual([]);
  await staysInside(page, what);
}

/** Nothing is wider than the page. */
export async function staysInside(page: Page, what: string) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}
