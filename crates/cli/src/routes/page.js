// Ticks, filters and answers: everything of the page that reacts to its reader.

const $ = (id) => document.getElementById(id);
const boxes = [...document.querySelectorAll('input[name="scope"]')].map((box) => ({
  box,
  scope: Number(box.value),
  item: box.closest("li"),
  text: policy.scopes[Number(box.value)].toLowerCase(),
}));
const rows = [...document.querySelectorAll("[data-route]")].map((item) => ({
  item,
  route: Number(item.dataset.route),
  answers: item.dataset.answers.split(" "),
  method: item.querySelector(".method").textContent,
  verdict: item.querySelector(".verdict"),
  text: textOf(item),
}));
const groups = [...document.querySelectorAll(".group")].map((section) => ({
  section,
  tally: section.querySelector(".tally"),
  rows: rows.filter(({ item }) => section.contains(item)),
}));
const names = rows.reduce((all, { route, item, method }) => {
  all[route] = `${method} ${item.querySelector(".path").textContent}`;
  return all;
}, []);

// Before any verdict is written into it.
function textOf(item) {
  return item.textContent.toLowerCase().replace(/\s+/g, " ");
}

// The scopes of the key; null where a request has no key.
function held() {
  if ($("keyless").checked) return null;
  return new Set(boxes.filter(({ box }) => box.checked).map(({ scope }) => scope));
}

function showAll() {
  showKey();
  showRoutes();
  showAnswer();
}

function showKey() {
  const scopes = held();
  const count = scopes?.size ?? 0;
  const open = `${reached().length} of ${rows.length} routes`;
  say($("ticked"), scopes === null ? `no key, ${open}` : count === 0 ? "none ticked" : `${count} ticked, ${open}`);
  $("clear").disabled = count === 0;
  for (const { box } of boxes) box.disabled = scopes === null;
}

// Why a route is open to the key, or to a request without one; null if it is not.
function reach(route, scopes) {
  const by = opener(policy, route, scopes ?? new Set());
  return scopes === null && by?.kind !== "public" ? null : by;
}

function reached() {
  const scopes = held();
  return rows.filter(({ route }) => reach(route, scopes) !== null);
}

function byWhat({ kind, scopes }) {
  if (kind === "public") return "public";
  if (kind === "any_key") return "any key";
  return `by ${scopes.map((scope) => policy.scopes[scope]).join(" and ")}`;
}

function showRoutes() {
  const scopes = held();
  const keyed = scopes === null || scopes.size > 0;
  const words = $("filter").value.split(/\s+/).filter((word) => word !== "");
  const show = $("show").value;
  let shown = 0;
  let open = 0;
  for (const row of rows) {
    const by = reach(row.route, scopes);
    row.open = by !== null;
    open += row.open ? 1 : 0;
    row.item.classList.toggle("reached", keyed && row.open);
    row.item.classList.toggle("unreached", keyed && !row.open);
    row.verdict.hidden = !keyed;
    say(row.verdict, row.open ? `✓ ${byWhat(by)}` : scopes === null ? "✗ needs a key: " : "✗ needs ");
    const wanted = show === "all" || (show === "reached") === row.open;
    row.item.hidden = !(wanted && words.every((word) => fits(row, word)));
    shown += row.item.hidden ? 0 : 1;
  }
  for (const { section, tally, rows } of groups) {
    section.hidden = rows.every(({ item }) => item.hidden);
    const open = rows.filter((row) => row.open).length;
    say(tally, keyed ? `reaches ${open} of ${rows.length}` : tally.dataset.all + (rows.length === 1 ? " route" : " routes"));
  }
  $("nothing").hidden = shown > 0;
  const left = shown === rows.length ? "" : `${shown} shown. `;
  const key = keyed
    ? `${who(scopes)} reaches ${open} of ${rows.length} routes, and ${rows.length - open} not.`
    : `${rows.length} routes. Tick scopes to see what a key reaches.`;
  say($("count"), left + key);
}

// The name of a method selects the routes that answer it; any other word is looked for in the text.
function fits(row, word) {
  if (METHODS.includes(word)) return row.answers.includes(word);
  return row.text.includes(word.toLowerCase());
}

function who(scopes) {
  return scopes === null ? "A request without a key" : `A key with ${listed(scopes)}`;
}

function listed(scopes) {
  const all = [...scopes].map((scope) => policy.scopes[scope]);
  return all.length <= 3 ? all.join(", ") : `${all.length} scopes`;
}

function showScopes() {
  const words = $("find").value.toLowerCase().split(/\s+/);
  for (const { item, text } of boxes) item.hidden = !words.every((word) => text.includes(word));
}

function showAnswer() {
  const scopes = held();
  const text = $("target").value;
  const target = bytes(text);
  const answer = decide(policy, scopes, $("method").value, target);
  const allowed = answer.decision === "allow";
  const parts = [verdict(answer, scopes)];
  if (answer.route !== null) {
    const link = make("a", { href: `#r${answer.route}` }, names[answer.route]);
    parts.push(make("p", {}, "Route: ", link));
    if (answer.alternatives.length > 0) {
      parts.push(make("p", {}, "Any one of: ", ...between(", ", answer.alternatives.map((all) => together(all, scopes)))));
    }
  }
  if (answer.reason === REASONS.MissingKey) {
    parts.push(make("p", {}, "Only public routes are open to a request without a key."));
  }
  if (answer.reason === REASONS.UnknownRoute) {
    parts.push(make("p", {}, "No route has this path. Compare each part, and the slash at the end."));
  }
  if (answer.reason === REASONS.MethodNotListed) {
    parts.push(make("p", {}, make("code", {}, answer.template), ` answers ${answer.methods.join(", ")} and nothing else.`));
  }
  if (answer.reason === REASONS.BadPath) {
    const { summary, attack } = Object.values(RULES).find(({ name }) => name === answer.rule);
    parts.push(offence(target, answer), make("p", {}, summary), make("p", {}, attack));
  }
  $("answer").replaceChildren(...parts);
  $("answer").className = allowed ? "allow" : answer.reason === REASONS.MissingScope && scopes.size === 0 ? "open" : "deny";

  const missing = answer.reason === REASONS.MissingScope ? lacking(answer.route, scopes) : [];
  $("tick").hidden = missing.length === 0;
  if (missing.length > 0) {
    $("tick").value = missing.join(" ");
    const all = missing.map((scope) => policy.scopes[scope]).join(" and ");
    $("tick").textContent = `Tick ${all}, the ${partly(answer, missing) ? "rest of what it needs" : "narrowest"}`;
  }
}

// The scopes that a key lacks of an alternative: of the one of which it lacks the fewest, and of
// several such, of the narrowest.
function lacking(route, scopes) {
  const singles = policy.accepted[route].map((scope) => [[scope]]);
  for (const { at, clauses } of setsOf(policy, route).slice().reverse()) singles.splice(at, 0, clauses);
  const missing = singles.map((clauses) => clauses.filter((clause) => !clause.some((scope) => scopes.has(scope))).map(([named]) => named));
  return missing.reduce((least, these) => (least === null || these.length < least.length ? these : least), null) ?? [];
}

// Whether the missing scopes are not a whole alternative.
function partly({ alternatives }, missing) {
  return !alternatives.some((all) => all.length === missing.length && all.every((scope) => missing.includes(scope)));
}

function verdict(answer, scopes) {
  if (answer.decision === "allow") {
    const why = { public: ": the route is public, and no key is looked at", any_key: ": the route is open to every valid key" };
    return make("p", { class: "said" }, `✓ Allowed${why[answer.by.kind] ?? ` ${byWhat(answer.by)}`}`);
  }
  const why = {
    [REASONS.MissingScope]: scopes?.size === 0 ? "Needs a scope, and none is ticked" : denied(answer, scopes),
    [REASONS.MissingKey]: "Denied: the request has no key",
    [REASONS.MethodNotListed]: "Denied to every key: the path does not list this method",
    [REASONS.UnknownRoute]: "Denied to every key: unknown route",
    [REASONS.BadPath]: "Denied to every key: the path is refused",
  };
  return make("p", { class: "said" }, `✗ ${why[answer.reason]} `, make("code", {}, answer.reason));
}

function denied({ route }, scopes) {
  if (route === null || scopes === null) return "Denied";
  const missing = lacking(route, scopes);
  const whole = alternatives(policy, route).some((all) => all.length === missing.length);
  const lacks = missing.map((scope) => policy.scopes[scope]).join(" and ");
  return whole ? "Denied: none of the ticked scopes opens it" : `Denied: the key lacks ${lacks}`;
}

// The scopes of an alternative.
function together(all, scopes) {
  return make("span", {}, ...between(" and ", all.map((scope) => chip(scope, scopes))));
}

function chip(scope, scopes) {
  const name = policy.scopes[scope];
  return scopes?.has(scope) ? make("strong", {}, make("code", {}, name), " (held)") : make("code", {}, name);
}

// The target with what breaks the rule marked.
function offence(target, { at, length, rule }) {
  const from = Math.min(at, target.length);
  const around = 40;
  const shown = (part) => part.replace(/[^\x21-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
  const before = target.slice(0, from);
  const after = target.slice(from + length);
  return make(
    "p",
    {},
    make("code", { class: "offence" },
      (before.length > around ? "…" : "") + shown(before.slice(-around)),
      make("mark", {}, shown(target.slice(from, from + length)) || "␣"),
      shown(after.slice(0, around)) + (after.length > around ? "…" : "")),
    ` Rule ${rule}, at byte ${at}.`,
  );
}

function between(text, parts) {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [text, part]));
}

// Texts go in as text, never as markup.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Only what changes, so that a screen reader does not repeat itself.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function reveal(hash) {
  const row = rows.find(({ item }) => `#${item.id}` === hash);
  if (!row) return;
  if (row.item.hidden) {
    $("filter").value = "";
    $("show").value = "all";
    showRoutes();
  }
  row.item.focus();
}

$("scopes").addEventListener("change", showAll);
$("keyless").addEventListener("change", showAll);
$("find").addEventListener("input", showScopes);
$("clear").addEventListener("click", () => {
  for (const { box } of boxes) box.checked = false;
  showAll();
  $("find").focus();
});
$("filter").addEventListener("input", showRoutes);
$("show").addEventListener("change", showRoutes);
$("method").addEventListener("change", showAnswer);
$("target").addEventListener("input", showAnswer);
$("try").addEventListener("submit", (event) => event.preventDefault());
$("tick").addEventListener("click", () => {
  const wanted = $("tick").value.split(" ").map(Number);
  for (const { box, scope } of boxes) box.checked ||= wanted.includes(scope);
  showAll();
  $("target").focus();
});
$("answer").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) reveal(link.getAttribute("href"));
});

$("unscripted").hidden = true;
for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
if (!matchMedia("(min-width: 62rem)").matches) $("key").open = false;
showAll();
