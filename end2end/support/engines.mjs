// Browsers by WebDriver: how each engine's driver is started and what it is asked for.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Builder, Capabilities } from 'selenium-webdriver';
import { ROOT, freePort } from './server.mjs';

export { Builder };
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');

/** Starts a driver program and answers when its port does. */
async function driver(command, args, port, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore', detached: true });
  for (let tries = 0; ; tries += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/status`).then(() => true, () => false);
    if (up) break;
    if (tries > 150 || child.exitCode !== null) throw new Error(`${command} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = () => {
    // The whole group: the driver starts browsers, Xvfb starts the driver.
    try { process.kill(-child.pid, 'SIGTERM'); } catch { /* gone already */ }
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** The engines that Playwright does not drive, each started for a home folder: where its driver listens, what it is asked for, how it ends. */
export const ENGINES = {
  'Firefox ESR': async (home) => {
    const port = await freePort();
    const started = await driver(join(TARGET, 'tools/bin/geckodriver'), ['--port', String(port), '--websocket-port', String(await freePort())], port, { MOZ_HEADLESS: '1', HOME: home });
    const capabilities = new Capabilities({ browserName: 'firefox', 'moz:firefoxOptions': { binary: '/usr/bin/firefox-esr', args: ['-headless'], prefs: { 'intl.accept_languages': 'en-US' } } });
    return { ...started, capabilities };
  },
  WebKitGTK: async (home) => {
    const port = await freePort();
    const env = { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1', HOME: home, LANG: 'C.UTF-8', LANGUAGE: 'en' };
    const started = await driver('xvfb-run', ['-a', '/usr/bin/WebKitWebDriver', `--port=${port}`, '--host=127.0.0.1'], port, env);
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', args: ['--automation'] },
    });
    return { ...started, capabilities };
  },
};

/** Chromium through the same door, where all three are compared. */
export async function chromium(home) {
  const port = await freePort();
  const started = await driver('/usr/bin/chromedriver', [`--port=${port}`], port, { HOME: home });
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const capabilities = new Capabilities({ browserName: 'chrome', 'goog:chromeOptions': { binary: '/usr/bin/chromium', args } });
  return { ...started, capabilities };
}
