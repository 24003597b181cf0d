// A claim with a photograph: lists and pages do not carry it, whoever wants to see it does, and a correction keeps it.
import { claim, expect, PEOPLE, test } from '../support/test';
import { fillClaim } from '../support/steps';

test('a photograph is fetched by who looks at it, and kept by a correction', async ({ enter }) => {
  const creator = await enter(PEOPLE.creator, '/create/EXP');
  await fillClaim(creator, claim('128.00'));
  const jpeg = await creator.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 1600 });
    const paint = canvas.getContext('2d')!;
    paint.fillStyle = '#fff';
    paint.fillRect(0, 0, 1200, 1600);
    paint.fillStyle = '#222';
    paint.font = '64px sans-serif';
    for (let line = 0; line < 20; line += 1) paint.fillText(`Taxi ${line} 128.00 ${Math.random()}`, 60, 80 + line * 70);
    const blob: Blob = await new Promise((resolve) => canvas.toBlob((made) => resolve(made!), 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await creator.locator('input[type=file][accept="image/jpeg,image/png"]').setInputFiles({ name: 'receipt.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg) });
  await expect(creator.getByRole('img', { name: 'Receipt picture' })).toBeVisible();
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(/\/documents\/EXP-/);
  const number = creator.url().match(/EXP-\d{4}-\d{6}/)![0];

  // What the approver's inbox brings in all is less than the photograph alone.
  const head = await enter(PEOPLE.head, '/mailbox');
  const fetched: { path: string; length: number }[] = [];
  head.on('response', async (response) => {
    const path = new URL(response.url()).pathname;
    if (/^\/(pkg|pdfjs|fonts)\//.test(path) || path.endsWith('/stream')) return;
    fetched.push({ path, length: (await response.body().catch(() => Buffer.alloc(0))).length });
  });
  await head.goto('/inbox');
  await expect(head.getByText(number)).toBeVisible();
  await expect.poll(() => fetched.some(({ path }) => path === '/inbox')).toBe(true);
  const lists = fetched.filter(({ path }) => path === '/inbox' || path.startsWith('/rpc/'));
  expect(lists.length).toBeGreaterThan(0);
  expect(lists.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(jpeg.length / 2);

  // The document's page shows it to who asks.
  await head.goto(`/documents/${number}`);
  await expect(head.locator('.sheet canvas').first()).toBeVisible();
  expect(fetched.some(({ path }) => path.includes('/pictures/'))).toBe(false);
  await head.getByText('Show the picture').click();
  const picture = head.getByRole('img', { name: 'Receipt picture' });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalHeight)).toBe(1600);

  await head.goto(`/documents/${number}/reject`);
  await head.getByLabel('Reason').fill('The amount is another one');
  await head.getByRole('button', { name: 'Reject' }).last().click();
  await expect(head.getByText('Rejected').first()).toBeVisible();
  await creator.goto(`/documents/${number}/correct`);
  await expect(creator.getByRole('img', { name: 'Receipt picture' })).toBeVisible();
  await creator.getByLabel('Amount').last().fill('138.00');
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(new RegExp(`/documents/${number}$`));
  await expect(creator.getByText(/Edition 2/).first()).toBeVisible();
  await creator.getByText('Show the picture').click();
  await expect.poll(() => creator.getByRole('img', { name: 'Receipt picture' }).evaluate((image: HTMLImageElement) => image.naturalHeight)).toBe(1600);
});
