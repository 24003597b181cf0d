// A number is never a capability: a stranger sees nothing of a document, by page, file, API or stream.
import { api, claim, expect, PEOPLE, test, token } from '../support/test';

test('a stranger finds nothing at a number that exists', async ({ enter, signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const made = await api(signet, creator, 'POST', '/api/v1/documents', {
    type: 'EXP',
    title: 'Secret dinner',
    fields: { ...claim('99.00'), department: 'Works', date: '2026-11-23', reason: 'Dinner' },
  });
  const { number } = await made.json();

  for (const person of [PEOPLE.stranger, PEOPLE.other, PEOPLE.admin, PEOPLE.finance]) {
    const bearer = await token(signet, person);
    for (const part of ['', '/file', '/events', '/signing']) {
      const reply = await api(signet, bearer, 'GET', `/api/v1/documents/${number}${part}`);
      expect(reply.status, `${person.login} ${part}`).toBe(404);
      expect((await reply.json()).code).toBe('not_found');
    }
    for (const [part, body] of [['/rejection', { reason: 'no' }], ['/withdrawal', {}]] as const) {
      const reply = await api(signet, bearer, 'POST', `/api/v1/documents/${number}${part}`, body, { 'if-match': '"0"' });
      expect(reply.status, `${person.login} ${part}`).toBe(404);
    }
    const list = await (await api(signet, bearer, 'GET', '/api/v1/documents?box=all&q=dinner')).json();
    expect(list.items).toEqual([]);
  }

  const page = await enter(PEOPLE.stranger, `/documents/${number}`);
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
  await expect(page.getByText('Secret dinner')).toHaveCount(0);

  // Without an account: the page asks to sign in, the rest says so in words.
  const anonymous = await api(signet, null, 'GET', `/api/v1/documents/${number}`);
  expect(anonymous.status).toBe(401);
  const stream = await api(signet, null, 'GET', '/api/v1/mailbox/stream');
  expect(stream.status).toBe(401);
});

test("a stranger's stream stays silent while another's result is delivered", async ({ signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const head = await token(signet, PEOPLE.head);
  const stranger = await token(signet, PEOPLE.stranger);
  const made = await api(signet, creator, 'POST', '/api/v1/documents', {
    type: 'EXP',
    fields: { ...claim('99.00'), department: 'Works', date: '2026-11-23', reason: 'Dinner' },
  });
  const { number } = await made.json();

  const listen = async (bearer: string, milliseconds: number) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), milliseconds);
    let text = '';
    try {
      const reply = await fetch(`${signet.url}/api/v1/mailbox/stream`, { headers: { authorization: `Bearer ${bearer}` }, signal: stop.signal });
      for await (const chunk of reply.body!) text += Buffer.from(chunk).toString();
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
    } finally {
      clearTimeout(timer);
    }
    return text;
  };
  const [mine, theirs] = await Promise.all([
    listen(creator, 4_000),
    listen(stranger, 4_000),
    new Promise((resolve) => setTimeout(resolve, 500)).then(async () => {
      const reply = await api(signet, head, 'POST', `/api/v1/documents/${number}/rejection`, { reason: 'No receipt' }, { 'if-match': '"0"' });
      expect(reply.status, await reply.clone().text()).toBe(201);
    }),
  ]);
  expect(mine).toContain(number);
  expect(theirs).not.toContain(number);
});
