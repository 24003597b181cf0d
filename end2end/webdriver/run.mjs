// The enrol, sign and return journey in the other engines: Firefox ESR and WebKitGTK (Safari's engine), through WebDriver.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, By, until } from 'selenium-webdriver';
import { ENGINES, TARGET } from '../support/engines.mjs';
import { judge } from '../support/judges.mjs';
import { PASSWORD, PEOPLE, ROOT, startSignet } from '../support/server.mjs';

const WAIT = 45_000;

// Texts may hold an apostrophe, never a double quote.
const byText = (tag, text) => By.xpath(`//${tag}[contains(normalize-space(.), "${text}")]`);
const byLabel = (text) => By.xpath(`//*[@id=//label[starts-with(normalize-space(.), "${text}")]/@for]`);

async function press(browser, locator) {
  const button = await browser.wait(until.elementLocated(locator), WAIT, String(locator));
  await browser.wait(until.elementIsVisible(button), WAIT);
  await browser.wait(until.elementIsEnabled(button), WAIT);
  await browser.wait(async () => (await button.getAttribute('aria-disabled')) !== 'true', WAIT, 'ready to press');
  await browser.executeScript('arguments[0].scrollIntoView({block: "center"})', button);
  await button.click();
}

async function fill(browser, label, text) {
  const field = await browser.wait(until.elementLocated(byLabel(label)), WAIT, `field ${label}`);
  await field.clear();
  await field.sendKeys(text);
}

/** The wasm has taken over the page. */
async function live(browser) {
  await browser.wait(() => browser.executeScript('return document.documentElement.dataset.live === "true"'), WAIT, 'the page comes alive');
}

async function enter(browser, url, person, path) {
  await browser.get(`${url}/sign-in`);
  await browser.manage().deleteAllCookies();
  await browser.get(`${url}/sign-in?next=${encodeURIComponent(path)}`);
  await browser.executeScript('document.cookie = "lang=en; path=/"');
  await browser.navigate().refresh();
  await live(browser);
  await fill(browser, 'Sign-in name', person.login);
  await fill(browser, 'Password', PASSWORD);
  await press(browser, byText('button', 'Sign in'));
  await browser.wait(async () => !(await browser.getCurrentUrl()).includes('/sign-in'), WAIT, 'signed in');
}

async function journey(name, engine) {
  const home = await mkdtemp(join(tmpdir(), 'signet-driver-'));
  const signet = await startSignet();
  let started, browser;
  try {
    const token = async (person) => (await signet.run(['token', 'create', '--login', person.login])).stdout.trim().split('\n').at(-1);
    const creator = { authorization: `Bearer ${await token(PEOPLE.creator)}` };
    const created = await fetch(`${signet.url}/api/v1/documents`, {
      method: 'POST',
      headers: { ...creator, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'EXP', title: `Taxi, ${name}`, fields: { project: 'P-17', invoice: name, amount: '128.00', department: 'Works', date: '2026-11-23', reason: 'Site visit' } }),
    });
    assert.equal(created.status, 201, await created.clone().text());
    const { number } = await created.json();

    started = await engine(home);
    browser = await new Builder().usingServer(started.url).withCapabilities(started.capabilities).build();
    await enter(browser, signet.url, PEOPLE.head, `/documents/${number}/sign`);
    await press(browser, byText('button', "Make this device's key"));
    await press(browser, byText('button', 'Sign and seal'));
    await browser.wait(
      async () => (await (await fetch(`${signet.url}/api/v1/documents/${number}`, { headers: creator })).json()).status === 'signed',
      WAIT,
      'the document is signed',
    );
    // The key that signed cannot be taken out of the browser.
    const exported = await browser.executeAsyncScript(`
      const done = arguments[arguments.length - 1];
      const open = indexedDB.open('signet');
      open.onsuccess = () => {
        const all = open.result.transaction('keys').objectStore('keys').getAll();
        all.onsuccess = async () => {
          const { pair } = all.result[0];
          const tries = await Promise.all(['pkcs8', 'jwk'].map((form) => crypto.subtle.exportKey(form, pair.privateKey).then(() => 'exported', () => 'refused')));
          done([pair.privateKey.extractable, ...tries]);
        };
      };`);
    assert.deepEqual(exported, [false, 'refused', 'refused'], 'the private key is not exportable');

    const file = await fetch(`${signet.url}/api/v1/documents/${number}/file`, { headers: creator });
    const authority = await (await fetch(`${signet.url}/ca.pem`)).text();
    judge(Buffer.from(await file.arrayBuffer()), authority, 1);

    await enter(browser, signet.url, PEOPLE.creator, '/mailbox');
    await browser.wait(until.elementLocated(By.xpath(`//*[contains(normalize-space(.), '${number}')]`)), WAIT, 'the result is in the mailbox');
  } catch (error) {
    const shot = await browser?.takeScreenshot().catch(() => null);
    if (shot) {
      const { writeFile, mkdir } = await import('node:fs/promises');
      await mkdir(join(ROOT, 'end2end/test-results'), { recursive: true });
      await writeFile(join(ROOT, `end2end/test-results/${name.replace(/\W/g, '-')}.png`), shot, 'base64');
    }
    error.message += `\n${signet.log().slice(-3000)}`;
    throw error;
  } finally {
    await browser?.quit().catch(() => {});
    started?.stop();
    await signet.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

let passed = 0;
let failed = 0;
for (const [name, engine] of Object.entries(ENGINES)) {
  if (process.argv[2] && !name.toLowerCase().includes(process.argv[2])) continue;
  const began = Date.now();
  try {
    await journey(name, engine);
    passed += 1;
    console.log(`  ok  ${name}: enrol, sign, return (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`  FAILED  ${name}: ${error.stack ?? error}`);
  }
}
if (!existsSync(join(TARGET, 'tools/bin/geckodriver'))) console.log('geckodriver is missing: run `make test-tools`');
console.log(`  ${passed} passed`);
if (failed) console.log(`  ${failed} failed`);
process.exit(failed ? 1 : 0);
