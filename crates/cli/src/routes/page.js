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

function held() {
  return new Set(boxes.filter(({ box }) => box.checked).map(({ scope }) => scope));
}

function showAll() {
  showKey();
  showRoutes();
  showAnswer();
}

function showKey() {
  const count = held().size;
  say($("ticked"), count === 0 ? "none ticked" : `${count} ticked, ${reached().length} of ${rows.length} routes`);
  $("clear").disabled = count === 0;
}

function opener(route, scopes) {
  return policy.accepted[route].find((scope) => scopes.has(scope));
}

function reached() {
  const scopes = held();
  return rows.filter(({ route }) => opener(route, scopes) !== undefined);
}

function showRoutes() {
  const scopes = held();
  const keyed = scopes.size > 0;
  const words = $("filter").value.split(/\s+/).filter((word) => word !== "");
  const show = $("show").value;
  let shown = 0;
  let open = 0;
  for (const row of rows) {
    const by = opener(row.route, scopes);
    row.open = by !== undefined;
    open += row.open ? 1 : 0;
    row.item.classList.toggle("reached", keyed && row.open);
    row.item.classList.toggle("unreached", keyed && !row.open);
    row.verdict.hidden = !keyed;
    say(row.verdict, row.open ? `✓ by ${policy.scopes[by]}` : "✗ needs ");
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
    ? `A key with ${listed(scopes)} reaches ${open} of ${rows.length} routes, and ${rows.length - open} not.`
    : `${rows.length} routes. Tick scopes to see what a key reaches.`;
  say($("count"), left + key);
}

// The name of a method selects the routes that answer it; any other word is looked for in the text.
function fits(row, word) {
  if (METHODS.includes(word)) return row.answers.includes(word);
  return row.text.includes(word.toLowerCase());
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
    parts.push(make("p", {}, "Any one of: ", ...commas(answer.accepted.map((scope) => chip(scope, scopes)))));
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

  const missing = answer.reason === REASONS.MissingScope;
  $("tick").hidden = !missing;
  if (missing) {
    $("tick").value = answer.accepted[0];
    $("tick").textContent = `Tick ${policy.scopes[answer.accepted[0]]}, the narrowest`;
  }
}

function verdict(answer, scopes) {
  if (answer.decision === "allow") return make("p", { class: "said" }, `✓ Allowed by ${policy.scopes[answer.by]}`);
  const why = {
    [REASONS.MissingScope]: scopes.size === 0 ? "Needs a scope, and none is ticked" : "Denied: none of the ticked scopes opens it",
    [REASONS.MethodNotListed]: "Denied to every key: the path does not list this method",
    [REASONS.UnknownRoute]: "Denied to every key: unknown route",
    [REASONS.BadPath]: "Denied to every key: the path is refused",
  };
  return make("p", { class: "said" }, `✗ ${why[answer.reason]} `, make("code", {}, answer.reason));
}

function chip(scope, scopes) {
  const name = policy.scopes[scope];
  return scopes.has(scope) ? make("strong", {}, make("code", {}, name), " (held)") : make("code", {}, name);
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

function commas(parts) {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [", ", part]));
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
  const { box } = boxes.find(({ scope }) => scope === Number($("tick").value));
  box.checked = true;
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
