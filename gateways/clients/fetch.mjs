// Asks an API behind a gateway as a page in a browser does, and prints what it sees.
//
//   KEY=... node fetch.mjs http://127.0.0.1:8080
//
// A line of JSON for each request: without a key, with the key, and for more than the key may.
// CHROMIUM names another browser.

import { chromium } from "playwright-core";

const base = process.argv[2];
const key = process.env.KEY;
const requests = [
  ["GET", "/api/v1/colleagues/", null],
  ["GET", "/api/v1/colleagues/", key],
  ["PUT", "/api/v1/pbx/system/reboot/", key],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
try {
  const page = await browser.newPage();
  // A page of the API's own origin: the answer to a request without a key is one.
  await page.goto(`${base}/api/v1/colleagues/`);
  for (const [method, path, key] of requests) {
    const seen = await page.evaluate(async ([method, path, key]) => {
      const headers = key === null ? {} : { Authorization: `Bearer ${key}` };
      const response = await fetch(path, { method, headers });
      return {
        status: response.status,
        challenge: response.headers.get("WWW-Authenticate"),
        accepted: response.headers.get("X-Accepted-Scopes"),
        reason: response.headers.get("X-Denied-Reason"),
        body: await response.text(),
      };
    }, [method, path, key]);
    console.log(JSON.stringify(seen));
  }
} finally {
  await browser.close();
}
