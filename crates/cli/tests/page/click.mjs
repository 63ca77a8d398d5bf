// Clicks through the page of `routescope routes --format html` in headless
// Chromium, from a file, and holds its decisions against the command's own.
//
//   ROUTESCOPE=target/debug/routescope npm test
//
// CHROMIUM names another browser; SCREENSHOTS=FOLDER keeps pictures to look at.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const data = join(here, "../../../../tests/data");
const routescope = resolve(process.env.ROUTESCOPE ?? join(here, "../../../../target/debug/routescope"));
const folder = mkdtempSync(join(tmpdir(), "routescope-page-"));

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

// The command's answer; 1 is an answer too.
function run(args, input) {
  const { status, stdout, stderr } = spawnSync(routescope, args, { input, encoding: "utf8", maxBuffer: 1 << 30 });
  assert.ok(status === 0 || status === 1, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

function pageOf(name, ...args) {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, run(["routes", "--format", "html", ...args]));
  return pathToFileURL(file).href;
}

// Opens a page that may load nothing and may complain about nothing.
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("dialog", (dialog) => page.complaints.push(dialog.message()));
  page.on("request", (request) => {
    const wanted = request.url() === url || request.url() === "data:,";
    if (!wanted) page.complaints.push(`requests ${request.url()}`);
  });
  await page.goto(url);
  page.done = async () => {
    assert.deepEqual(page.complaints, []);
    await context.close();
  };
  return page;
}

async function screenshot(page, name, options) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), ...options });
}

const text = (page, selector) => page.locator(selector).innerText();
const tick = (page, scope) => page.getByRole("checkbox", { name: new RegExp(`^${scope.replace(/[.*]/g, "\\$&")} `) }).check();
const shownRows = (page) => page.locator("[data-route]:visible").count();

// ---- The decision

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function googlePolicy() {
  const scopes = new Map();
  for (const line of readFileSync(join(data, "google-api-routes.txt"), "utf8").trim().split("\n")) {
    const [method, template] = line.replace(/^#/, "").split(" ");
    const words = template.split("/").filter((part) => part !== "" && !part.startsWith("{")).slice(0, 4);
    const scope = `${words.join(".").replaceAll("@", "-")}:${method === "GET" || method === "HEAD" ? "read" : "*"}`;
    const route = line.startsWith("#") ? `      - route: ${line.slice(1)}\n        overlap: allow\n` : `      - ${line}\n`;
    scopes.set(scope, (scopes.get(scope) ?? "") + route);
  }
  const file = join(folder, "google.yaml");
  const body = [...scopes].sort().map(([scope, routes]) => `  "${scope}":\n    routes:\n${routes}`);
  writeFileSync(file, `version: 1\nname: google\nscopes:\n${body.join("")}`);
  return file;
}

// A small generator with a seed, so that a failure can be seen again.
function random(seed) {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

// A spelling that some system reads as this segment, because it drops characters at the ends,
// folds other letters to ASCII, or takes a name as a pattern.
function readAs(segment, one) {
  const escape = (text) => Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).toUpperCase()}`).join("");
  const bold = (letter) => escape(String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 0x61));
  return one([
    () => segment.replace(/[a-z]/, bold),
    () => segment.replace(/[a-z]/g, bold),
    () => segment.replace(/i/gi, one(["%C4%B1", "%C4%B0", "i%CC%87", "I%CC%87%cc%87", "%C4%B0%CC%87"])),
    () => segment.replace(/ffi/, one(["%EF%AC%83", "f%EF%AC%81%CC%87", "f%EF%AC%81"])),
    () => `${one(["+", "++", "+%2B"])}${segment}`,
    () => `${segment}${one(["+", "*", ":", "::$DATA", ":$", ":x:%24", "$", "%3A%24", ".+", "+%2a%3E%3c", "%20+", "%22"])}`,
    () => `${segment.slice(0, 1)}${one(["%22", "%3C", "%3e"])}`,
    () => one(["+", "*", ":$", "+:$a", ":", "%22", "*%3A"]),
  ])();
}

function isParameter(segment) {
  return /^\{[^}]*\}$/.test(segment);
}

function withValue(segment, value) {
  return segment.replace(/\{[^}]*\}/, () => value);
}

// Requests around the routes of a policy: each route with every method, with
// and without its slash, and paths made of the segments of its templates, spelled in
// ways that some back end reads as the same.
function requestsAround(routes, count, seed) {
  const pick = random(seed);
  const one = (list) => list[pick(list.length)];
  const requests = [];
  const literals = new Set(["x", "42", "a.b", ".", "..", "...", "", "a%2Fb", "%41", "%zz", "%2", "%C3%BC", "%C0%AF", "%E0%80%AF", "%F0%80%80%AF", "%ED%A0%80", "%E2%80%A8", "a;b", "a b", "%20a", "a%20", "a.", "é", "a#", "~", "%7E", "a\\b", "%F0%9F%98%80", "%F4%90%80%80"]);
  for (const { method, path } of routes.length > 500 ? routes.filter(() => pick(8) === 0) : routes) {
    const target = path.replace(/\{[^}]*\}/g, () => one(["42", "x.wav", "a:b"]));
    for (const other of METHODS) requests.push([other, target]);
    requests.push([method, target.endsWith("/") ? target.slice(0, -1) : `${target}/`], [method, `${target}?a=1`]);
    for (const segment of path.split("/")) {
      if (literals.size >= 400 || segment === "" || isParameter(segment)) continue;
      for (const value of segment.includes("{") ? ["42", ""] : [""]) literals.add(withValue(segment, value));
    }
  }
  const spell = (segment) => {
    switch (pick(9)) {
      case 0: return segment.toUpperCase();
      case 1: return segment.replace(/[a-z]/, (letter) => letter.toUpperCase());
      case 2: return segment.replace(/[a-z:]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
      case 3: return segment.replace(/%[0-9A-F]{2}/, (escape) => escape.toLowerCase());
      case 4: return `${segment}${one([".", ";", "%20", "%00", "é"])}`;
      case 5: return readAs(segment, one);
      case 6: return segment.replace(/[:=()]/, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
      default: return segment;
    }
  };
  const words = [...literals];
  for (let i = 0; i < count; i++) {
    // Half of them begin like a route, so that they come far.
    const start = pick(2) ? one(routes).path.split("/").map((part) => withValue(part, one(words))) : [""];
    const from = start.slice(0, 1 + pick(start.length));
    const more = Array.from({ length: pick(4) }, () => spell(one(words)));
    const path = [...from, ...more].map((part) => (pick(12) ? part : spell(part))).join("/") || "/";
    requests.push([one([...METHODS, "get", ""]), path + one(["", "/", "", "?q", "?q é", "?#"])]);
  }
  return requests;
}

// Scopes that are null are a request without a key.
async function compare(page, policy, requests) {
  const input = requests.map(({ method, target, hex, scopes }) => JSON.stringify({
    method,
    ...(hex === undefined ? { target } : { target_hex: hex }),
    ...(scopes === null ? { key: "none" } : { scopes }),
  }));
  const answers = run(["decide", ...policy], `${input.join("\n")}\n`).trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(answers.length, requests.length);
  const decided = await page.evaluate((requests) => requests.map(({ method, target, hex, scopes }) => {
    const held = scopes === null ? null : new Set(scopes.map((name) => policy.scopes.indexOf(name)).filter((index) => index >= 0));
    const sent = hex === undefined ? bytes(target) : hex.replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)));
    const { decision, reason, route, accepted, by, alternatives } = decide(policy, held, method, sent);
    const named = (all) => all.map((scope) => policy.scopes[scope]);
    return { decision, reason, route: route === null ? null : names[route], accepted: named(accepted), by: by === null ? null : by.kind, alternatives: alternatives.map(named) };
  }), requests);
  const reasons = {};
  for (const [i, { decision, reason, route, accepted, by, alternatives }] of answers.entries()) {
    assert.deepEqual(decided[i], { decision, reason, route, accepted: accepted ?? [], by, alternatives }, JSON.stringify(requests[i]));
    reasons[reason ?? "allow"] = (reasons[reason ?? "allow"] ?? 0) + 1;
  }
  return reasons;
}

test("decides the 216 hostile and harmless paths as the command does", async () => {
  const page = await open(pageOf("pbx"));
  const cases = JSON.parse(readFileSync(join(data, "path-cases.json"), "utf8"));
  assert.equal(cases.length, 216);
  const requests = cases.flatMap(({ method, target, target_hex: hex }) => [["pbx:*"], []].map((scopes) => ({ method, target, hex, scopes })));
  const reasons = await compare(page, [], requests);
  assert.ok(reasons.bad_path >= 300 && reasons.allow >= 30, JSON.stringify(reasons));
  await page.done();
});

test("decides every route with every scope as the command does", async () => {
  const page = await open(pageOf("pbx"));
  const { routes, scopes } = JSON.parse(run(["routes", "--format", "json"]));
  const requests = routes.flatMap(({ method, path }) => scopes.map(({ scope }) => ({ method, target: path.replace(/\{[^}]*\}/g, "42"), scopes: [scope] })));
  assert.equal(requests.length, 110 * 29);
  const reasons = await compare(page, [], requests);
  assert.deepEqual(Object.keys(reasons).sort(), ["allow", "missing_scope"]);
  await page.done();
});

// Every set of scopes that a key may hold, and a request without a key.
for (const [name, text] of [
  ["boards", readFileSync(join(here, "../data/boards.yaml"), "utf8")],
  ["implied", `version: 1
name: implied
umbrella: all
global: "*:*"
method_rule: none
implies: { "p:lead": ["a:read", "b:read"], "q:lead": ["b:read"] }
public: [GET /in/login]
any_key: [GET /in/me]
scopes:
  "a:read b:read": { routes: [GET /x, POST /x] }
  "a:read c:op b:read": { routes: [GET /y] }
  "c:op": { routes: [POST /x] }
  "b:* c:op": { routes: [GET /z, PUT /in/login] }
  "b:read c:op": { routes: [GET /z] }
  "p:lead": { routes: [GET /p] }
  "q:lead": { routes: [GET /p] }
`],
]) {
  test(`decides every route of ${name} with every set of scopes, and without a key, as the command does`, async () => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    const policy = ["--policy", file];
    const page = await open(pageOf(name, ...policy));
    const { routes, scopes } = JSON.parse(run(["routes", "--format", "json", ...policy]));
    const names = scopes.map(({ scope }) => scope);
    const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, i) => (bits >> i) & 1));
    const targets = [...new Set(routes.map(({ path }) => path.replace(/\{[^}]*\}/g, "42"))), "/v1/LOGIN", "/in/login/", "/none"];
    const some = sets.length > 1000 ? sets.filter((_, bits) => bits % 7 === 0) : sets;
    const requests = ["GET", "HEAD", "POST", "PUT"].flatMap((method) => targets.flatMap((target) => [null, ...some].map((scopes) => ({ method, target, scopes }))));
    const reasons = await compare(page, policy, requests);
    for (const reason of ["allow", "missing_key", "missing_scope", "unknown_route", "method_not_listed"]) {
      assert.ok(reasons[reason] > 10, `${reason}: ${JSON.stringify(reasons)}`);
    }
    await page.done();
  });
}

for (const [name, file, count] of [
  ["pbx", () => null, 4000],
  ["markup", () => join(here, "markup.yaml"), 6000],
  ["folded", () => join(here, "folded.yaml"), 6000],
  ["look-alikes", () => join(here, "look-alikes.yaml"), 16000],
  ["affixes", () => join(here, "affixes.yaml"), 12000],
  ["folded-affixes", () => join(here, "folded-affixes.yaml"), 12000],
  ["google", googlePolicy, 3000],
]) {
  test(`decides requests around the routes of ${name} as the command does`, async () => {
    const path = file();
    const policy = path === null ? [] : ["--policy", path];
    const page = await open(pageOf(name, ...policy));
    const { routes, scopes } = JSON.parse(run(["routes", "--format", "json", ...policy]));
    const some = scopes.filter((_, i) => i % 3 === 0).map(({ scope }) => scope);
    const requests = requestsAround(routes, count, 7).map(([method, target], i) => ({ method, target, scopes: i % 2 ? some : [] }));
    const reasons = await compare(page, policy, requests);
    for (const reason of ["allow", "missing_scope", "bad_method", "bad_path", "unknown_route", "method_not_listed"]) {
      assert.ok(reasons[reason] > 20, `${reason}: ${JSON.stringify(reasons)}`);
    }
    await page.done();
  });
}

test("refuses values that resemble a literal where the command does", async () => {
  const policy = ["--policy", join(here, "look-alikes.yaml")];
  const page = await open(pageOf("look-alikes", ...policy));
  const cases = [
    ["/b/A/z", 3],
    ["/b/aB/z/z", 3],
    ["/A/aB/a/z", 6],
    ["/A/%F0%9D%90%80/A/z", 3],
    ["/b/office/z", null],
    ["/b/a+/A/z", 3],
    ["/x/office/import::$DATA", 10],
    ["/x/o%EF%AC%83ce+/i", 3],
    ["/x/office/+%C4%B0mport", 10],
    ["/x/office/i%CC%87mport.+", 10],
    ["/x/office/i:i%2B", 10],
    ["/x/office/%22I%22", 10],
    ["/x/office/q%3E", 10],
    ["/x/office/i:x", null],
    ["/x/office/imports", null],
    ["/x/office/+", null],
    ["/x/office/a%22/b", null],
  ];
  for (const [target, at] of cases) {
    const { reason, refusal } = JSON.parse(run(["explain", "PUT", target, "--format", "json", ...policy]));
    const found = await page.evaluate((target) => {
      const { reason, rule = null, at = null, length = null } = decide(policy, new Set(), "PUT", target);
      return { reason, rule, at, length };
    }, target);
    const { rule = null, at: start = null, length = null } = refusal ?? {};
    assert.deepEqual({ target, ...found }, { target, reason, rule, at: start, length });
    assert.equal(found.at, at, target);
    assert.equal(found.rule === "shadows_literal", at !== null, target);
  }
  await page.done();
});

// ---- What is clicked

test("shows at once what a key reaches", async () => {
  const page = await open(pageOf("pbx"));
  await screenshot(page, "desktop");
  assert.equal(await text(page, "#count"), "110 routes. Tick scopes to see what a key reaches.");
  await tick(page, "colleagues:read");
  assert.equal(await text(page, "#count"), "A key with colleagues:read reaches 4 of 110 routes, and 106 not.");
  assert.equal(await text(page, "#ticked"), "1 ticked, 4 of 110 routes");
  assert.equal(await page.locator(".reached:visible").count(), 4);
  assert.equal(await page.locator(".unreached:visible").count(), 106);
  assert.equal(await page.locator("section.group", { hasText: "/api/v1/colleagues/{id}/" }).first().locator(".tally").innerText(), "reaches 4 of 9");
  await page.getByLabel("Show").selectOption("reached");
  assert.equal(await shownRows(page), 4);
  assert.match(await text(page, "#count"), /^4 shown\. /);
  assert.match(await page.locator("[data-route]:visible").first().innerText(), /✓ by colleagues:read/);
  await page.getByLabel("Show").selectOption("unreached");
  assert.equal(await shownRows(page), 106);
  await screenshot(page, "desktop-key");
  await page.getByRole("button", { name: "Untick all" }).click();
  assert.equal(await shownRows(page), 110);
  await page.done();
});

test("reaches with each scope what the command says", async () => {
  const page = await open(pageOf("pbx"));
  const { scopes } = JSON.parse(run(["routes", "--format", "json"]));
  for (const { scope } of scopes) {
    const { key, routes } = JSON.parse(run(["routes", "--format", "json", "--scope", scope]));
    await tick(page, scope);
    assert.match(await text(page, "#count"), new RegExp(`reaches ${key.reached} of 110 routes, and ${key.unreached} not`), scope);
    const shown = await page.locator(".reached").evaluateAll((rows) => rows.map((row) => names[Number(row.dataset.route)]));
    const wanted = routes.filter(({ reached }) => reached).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(shown.sort(), wanted.sort(), scope);
    await page.getByRole("button", { name: "Untick all" }).click();
  }
  await page.done();
});

test("filters as one types", async () => {
  const page = await open(pageOf("pbx"));
  const filter = page.getByLabel("Filter");
  for (const [typed, rows] of [["phonebook", 10], ["PHONEBOOKS contactid", 3], ["DELETE", 13], ["HEAD sounds", 1], ["mapping", 1], ["nothing-like-it", 0], ["", 110]]) {
    await filter.fill(typed);
    assert.equal(await shownRows(page), rows, typed);
    assert.equal(await page.getByText("No route is left").isVisible(), rows === 0);
  }
  await filter.fill("phonebooks");
  assert.deepEqual(await page.locator("section.group:visible h3").allInnerTexts(), ["phonebooks 10 routes"]);
  await page.getByLabel("Find a scope").fill("trunks");
  assert.equal(await page.locator('#scopes [type="checkbox"]:visible').count(), 2);
  await page.done();
});

test("tries a request", async () => {
  const page = await open(pageOf("pbx"));
  const answer = async (method, target) => {
    await page.getByLabel("Method").selectOption(method);
    await page.getByLabel("Path, as it is sent").fill(target);
    return text(page, "#answer");
  };
  assert.match(await answer("PUT", "/api/v1/pbx/system/reboot/"), /Needs a scope.*missing_scope\s+Route: PUT \/api\/v1\/pbx\/system\/reboot\/\s+Any one of: pbxpower:\*, pbx:\*/s);
  await page.getByRole("button", { name: "Tick pbxpower:*, the narrowest" }).click();
  assert.match(await text(page, "#answer"), /^✓ Allowed by pbxpower:\*\s+Route: .*pbxpower:\* \(held\)/s);
  assert.equal(await page.getByRole("button", { name: /^Tick / }).count(), 0);
  assert.match(await answer("GET", "/api/v1/pbx/system/reboot/"), /method_not_listed\s.*answers PUT and nothing else/s);
  assert.match(await answer("GET", "/api/v1/pbx/system/"), /unknown_route/);
  assert.match(await answer("PUT", "/api/v1/sounds/../pbx/system/reboot/"), /bad_path.*Rule dot_segment, at byte 15/s);
  assert.equal(await text(page, "#answer mark"), "..");
  await screenshot(page, "desktop-refused");
  assert.match(await answer("PUT", "/api/v1/dialplan/timetables/IMPORT/"), /Rule shadows_literal, at byte 28/);
  assert.match(await answer("GET", "/api/v1/sounds/ü/"), /\\xC3.*Rule byte, at byte 15/s);
  assert.match(await answer("GET", ""), /Rule not_origin_form/);
  assert.match(await answer("HEAD", "/api/v1/colleagues/7/"), /Denied: none of the ticked scopes opens it.*Route: GET \/api\/v1\/colleagues\/\{id\}\//s);

  // The link goes to the route, even where the filter hides it.
  await page.getByLabel("Filter").fill("nothing-like-it");
  await page.getByRole("link", { name: "GET /api/v1/colleagues/{id}/" }).click();
  const focused = page.locator("[data-route]:focus");
  assert.match(await focused.innerText(), /GET\s+\/api\/v1\/colleagues\/\{id\}\//);
  await page.done();
});

test("shows sets, public routes and a request without a key", async () => {
  const page = await open(pageOf("boards", "--policy", join(here, "../data/boards.yaml")));
  const answer = async (method, target) => {
    await page.getByLabel("Method").selectOption(method);
    await page.getByLabel("Path, as it is sent").fill(target);
    return text(page, "#answer");
  };
  await tick(page, "boards.read");
  assert.equal(await text(page, "#count"), "A key with boards.read reaches 5 of 9 routes, and 4 not.");
  assert.match(await answer("POST", "/v1/boards"), /Denied: the key lacks boards\.write missing_scope\s+Route: POST \/v1\/boards\s+Any one of: boards\.read \(held\) and boards\.write/s);
  await page.getByRole("button", { name: "Tick boards.write, the rest of what it needs" }).click();
  assert.match(await text(page, "#answer"), /^✓ Allowed by boards\.read and boards\.write/);
  assert.match(await answer("GET", "/v1/me"), /^✓ Allowed: the route is open to every valid key/);
  assert.match(await answer("GET", "/v1/health"), /^✓ Allowed: the route is public/);
  await page.getByRole("checkbox", { name: "No key at all" }).check();
  assert.equal(await text(page, "#count"), "A request without a key reaches 2 of 9 routes, and 7 not.");
  assert.equal(await text(page, "#ticked"), "no key, 2 of 9 routes");
  assert.match(await text(page, "#answer"), /^✓ Allowed: the route is public/);
  assert.match(await answer("GET", "/v1/me"), /Denied: the request has no key missing_key\s+Only public routes/s);
  assert.match(await answer("GET", "/none"), /missing_key/);
  assert.equal(await page.getByRole("checkbox", { name: /^boards\.read / }).isDisabled(), true);
  await page.getByLabel("Show").selectOption("reached");
  assert.equal(await shownRows(page), 2);
  await screenshot(page, "desktop-sets");
  await page.done();
});

test("begins where the options say", async () => {
  const page = await open(pageOf("begun", "--scope", "colleagues:read,calendar:read", "--method", "GET", "--grep", "colleagues"));
  assert.equal(await page.getByLabel("Filter").inputValue(), "GET colleagues");
  assert.equal(await shownRows(page), 4);
  assert.match(await text(page, "#count"), /^4 shown\. A key with colleagues:read reaches 4 of 110/);
  assert.match(await text(page, "aside .foreign"), /calendar:read, which this policy does not know/);
  await page.done();
});

// ---- For everybody

test("works without a mouse", async () => {
  const page = await open(pageOf("pbx"));
  const seen = [];
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { is: element.id || element.tagName.toLowerCase(), name: element.name, outline: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
  });
  // As many as can have the focus, with no scope ticked.
  for (let i = 0; i < 4 + 29 + 6; i++) {
    await page.keyboard.press("Tab");
    const now = await focused();
    assert.ok(now.outline, `${now.is} shows no focus`);
    seen.push(now.name === "scope" ? "scope" : now.is);
  }
  const order = seen.filter((id, i) => id !== seen[i - 1]);
  assert.deepEqual(order.slice(0, 9), ["a", "summary", "keyless", "find", "scope", "method", "target", "a", "tick"]);
  assert.deepEqual(order.slice(9, 11), ["filter", "show"]);

  await page.getByLabel("Find a scope").focus();
  await page.keyboard.type("colleagues");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.match(await text(page, "#count"), /reaches 4 of 110/);
  await page.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.getByLabel("Find a scope").isVisible(), false);

  await page.reload();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "routes");
  await page.done();
});

test("is named and announced for a screen reader", async () => {
  const page = await open(pageOf("pbx"));
  const nameless = await page.evaluate(() => [...document.querySelectorAll("input, select")].filter(({ labels }) => labels.length === 0).map(({ id }) => id));
  assert.deepEqual(nameless, []);
  assert.equal(await page.getByRole("group", { name: "Tick what the key holds" }).count(), 1);
  assert.equal(await page.getByRole("region", { name: "Try a request" }).count(), 1);
  assert.equal(await page.locator('[aria-live="polite"]').count(), 2);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
  levels.forEach((level, i) => assert.ok(i === 0 ? level === 1 : level <= levels[i - 1] + 1));
  const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
  await page.done();
});

// Every text against what it stands on (WCAG 2.2, 1.4.3: 4.5 to 1).
const worstContrast = () => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  let worst = { ratio: 21 };
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || element.disabled || !element.checkVisibility() || element.closest("script, option, .skip")) continue;
    let ground = element;
    while (ground.parentElement && channels(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
    const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map((color) => light(channels(color)));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: element.textContent.slice(0, 40), of: element.outerHTML.slice(0, 80) };
  }
  return worst;
};

for (const colorScheme of ["light", "dark"]) {
  test(`can be read in the ${colorScheme}`, async () => {
    const page = await open(pageOf("pbx"), { colorScheme });
    await tick(page, "phonebooks:*");
    for (const [target, name] of [["/api/v1/phonebooks/7/", "allowed"], ["/api/v1/colleagues/", "denied"], ["/api/v1/../", "refused"]]) {
      await page.getByLabel("Path, as it is sent").fill(target);
      const worst = await page.evaluate(worstContrast);
      assert.ok(worst.ratio >= 4.5, JSON.stringify(worst));
      await screenshot(page, `${colorScheme}-${name}`);
    }
    const [ground] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
    assert.equal(ground < 60, colorScheme === "dark");
    await page.done();
  });
}

test("fits a phone", async () => {
  const page = await open(pageOf("pbx"), { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  const fits = async () => {
    const { wide, over } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      over: [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".skip") && e.getBoundingClientRect().right > 361).map((e) => e.outerHTML.slice(0, 80)),
    }));
    assert.deepEqual({ wide, over }, { wide: 360, over: [] });
  };
  await screenshot(page, "phone");
  assert.equal(await page.getByRole("checkbox").count(), 0, "the scopes are folded away");
  await fits();
  await page.getByText("A key’s scopes").tap();
  await tick(page, "colleagues:read");
  await fits();
  await screenshot(page, "phone-scopes");
  const small = await page.evaluate(() => [...document.querySelectorAll("#scopes label, button, select, input:not([type=checkbox]), summary")]
    .filter((e) => e.checkVisibility()).map((e) => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 60)]).filter(([height]) => height < 32));
  assert.deepEqual(small, []);
  await page.getByText("A key’s scopes").tap();
  assert.match(await text(page, "summary"), /1 ticked, 4 of 110 routes/);
  await page.getByLabel("Filter").fill("colleagues");
  await page.evaluate(() => document.querySelector("#routes").scrollIntoView());
  await fits();
  await screenshot(page, "phone-routes");
  await page.getByLabel("Path, as it is sent").fill(`/api/v1/sounds/${"long-name-".repeat(20)}/../`);
  await fits();
  await page.done();
});

test("prints the table and what the key reaches", async () => {
  const page = await open(pageOf("pbx"));
  await tick(page, "phonebooks:read");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByText("Try a request").isVisible(), false);
  assert.equal(await page.getByLabel("Filter").isVisible(), false);
  assert.equal(await page.getByText("A key with phonebooks:read reaches 5 of 110 routes, and 105 not.").isVisible(), true);
  assert.equal(await shownRows(page), 110);
  await page.done();
});

test("is a table without scripts", async () => {
  const page = await open(pageOf("pbx"), { javaScriptEnabled: false });
  assert.equal(await shownRows(page), 110);
  assert.equal(await page.getByText("need scripts, which do not run here").isVisible(), true);
  assert.equal(await page.getByRole("checkbox").count(), 0);
  assert.equal(await page.getByRole("textbox").count(), 0);
  await page.done();
});

test("shows whatever a policy says as text", async () => {
  const page = await open(pageOf("markup", "--policy", join(here, "markup.yaml"), "--scope", "<b>x</b>", "--grep", '"><b>'));
  assert.equal(await page.title(), "markup: routes and scopes");
  assert.equal(await page.locator("img, b").count(), 0);
  assert.equal(await page.getByLabel("Filter").inputValue(), '"><b>');
  await page.getByLabel("Filter").fill("");
  assert.equal(await page.getByText("</script><script>document.title='broken'</script> & <b>\"bold\"</b> 'quoted' {{data}}").isVisible(), true);
  assert.match(await page.locator(".note").innerText(), /<img src=x onerror=/);
  assert.match(await text(page, "aside .foreign"), /<b>x<\/b>/);
  await page.getByLabel("Path, as it is sent").fill("/<img src=x>/");
  assert.equal(await page.locator("#answer img").count(), 0);
  await screenshot(page, "markup");
  await page.done();
});

test("holds 5,203 routes", async () => {
  const page = await open(pageOf("google", "--policy", googlePolicy()));
  assert.match(await text(page, "#count"), /^5203 routes\./);
  await page.locator("#find").fill("youtube.v3.videos:read");
  await page.locator("#scopes li:visible input").first().check();
  assert.match(await text(page, "#count"), /^A key with youtube.v3.videos:read reaches 1 of 5203 routes/);
  await page.locator("#filter").fill("youtube");
  assert.ok((await shownRows(page)) > 10);
  await page.done();
});

test("is allowed to run by its own policy of content, and nothing else is", () => {
  const html = run(["routes", "--format", "html"]);
  assert.equal(html.match(/<script/g).length, 2);
  assert.equal(/ on[a-z]+=/.test(html.replace(/<script[\s\S]*?<\/script>/g, "")), false);
  assert.equal(/ style=/.test(html), false);
  assert.match(html, /default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/);
  assert.equal(/https?:\/\//.test(html), false);
});
