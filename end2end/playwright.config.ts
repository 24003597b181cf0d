// Journeys in Debian's Chromium: a desk and two phones. Each worker has a Signet of its own on a free port.
import { defineConfig, devices } from '@playwright/test';

const chromium = {
  launchOptions: {
    executablePath: process.env.SIGNET_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  },
};

export default defineConfig({
  testDir: './journeys',
  outputDir: './test-results',
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  // A trace of every test costs a fifth of the run; SIGNET_TRACE=1 keeps those of what fails.
  use: { ...chromium, locale: 'en-US', trace: process.env.SIGNET_TRACE ? 'retain-on-failure' : 'off', screenshot: 'only-on-failure' },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1440, height: 900 } } },
    { name: 'phone', use: { ...devices['Pixel 7'], ...chromium, defaultBrowserType: 'chromium' }, testMatch: /(enrol-sign-return|create-upload|pages|seals)\.spec\.ts/ },
    {
      name: 'small-phone',
      use: { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
      testMatch: /(enrol-sign-return|create-upload|pages|seals)\.spec\.ts/,
    },
  ],
});
