// The decision, step by step as routescope-core makes it. This file holds the algorithm alone:
// the automaton and every list, limit and name that it compares with come from the engine, as
// the JSON document of the page. Texts are binary strings: a character for each byte.

const policy = JSON.parse(document.getElementById("policy").textContent);
const { methods: METHODS, limits: LIMITS, unescaped: UNESCAPED, escapable: ESCAPABLE, rules: RULES, reasons: REASONS } = policy.engine;
const CONFUSABLE = policy.engine.confusable;
const ASCII_FORMS = new Map(policy.engine.ascii_forms.flatMap(([first, forms]) => forms.map((form, i) => [first + i, form])));

// The bytes of a text as a browser would send them.
function bytes(text) {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

// May a key with these scopes (indices, a Set) make this request? Instead of a Set, null is a
// request without a key, which only a public route takes. The answer is {decision, reason, route,
// accepted, alternatives, by, ...}, with indices into the policy.
function decide(policy, held, method, target) {
  const answer = decideWithKey(policy, held ?? new Set(), method, target);
  return held === null && answer.by?.kind !== "public" ? deny(REASONS.MissingKey) : answer;
}

function decideWithKey(policy, held, method, target) {
  if (!METHODS.includes(method)) return deny(REASONS.BadMethod);
  const bad = checkTarget(target);
  if (bad) return deny(REASONS.BadPath, bad);
  const found = match(policy, target);
  if (found.bad) return deny(REASONS.BadPath, found.bad);
  if (found.accept === null) return deny(REASONS.UnknownRoute);
  const { template, routes } = policy.accepting[found.accept];
  if (!Object.hasOwn(routes, method)) {
    const methods = METHODS.filter((name) => Object.hasOwn(routes, name));
    return deny(REASONS.MethodNotListed, { template, methods });
  }
  const route = routes[method];
  const needs = { route, accepted: policy.accepted[route], alternatives: alternatives(policy, route) };
  const by = opener(policy, route, held);
  if (by === null) return deny(REASONS.MissingScope, needs);
  return { decision: "allow", reason: null, by, ...needs };
}

// Why a key with these scopes may call a route: {kind, scopes}, or null if it may not. A scope that
// suffices alone comes before a set; of a set, each scope must be held or implied by a held one.
function opener(policy, route, held) {
  if (Object.hasOwn(policy.open, route)) return { kind: policy.open[route], scopes: [] };
  const one = policy.accepted[route].find((scope) => held.has(scope));
  if (one !== undefined) return { kind: "scope", scopes: [one] };
  const isMet = (clause) => clause.some((scope) => held.has(scope));
  const set = setsOf(policy, route).find(({ clauses }) => clauses.length > 0 && clauses.every(isMet));
  return set === undefined ? null : { kind: "all", scopes: namedBy(set) };
}

// The alternatives of a route, each a list of scopes, narrowest first.
function alternatives(policy, route) {
  const all = policy.accepted[route].map((scope) => [scope]);
  for (const set of setsOf(policy, route).slice().reverse()) all.splice(set.at, 0, namedBy(set));
  return all;
}

function setsOf(policy, route) {
  return Object.hasOwn(policy.sets, route) ? policy.sets[route] : [];
}

// The scopes that the policy names, which come first in their clauses.
function namedBy({ clauses }) {
  return clauses.map(([named]) => named);
}

function deny(reason, more) {
  return { decision: "deny", reason, route: null, accepted: [], alternatives: [], by: null, ...more };
}

// Runs the automaton over the path: one transition for each segment, without backtracking.
function match(policy, target) {
  const path = target.split("?", 1)[0];
  const segments = [];
  let state = 0;
  let start = 1;
  let refused = null;
  for (;;) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    const segment = path.slice(start, end);
    const row = policy.states[state];
    if (slash < 0 && segment === "") return conclude(policy, row.accept_slash, path, segments, refused);
    const { next, shadows } = transition(policy, row, segment);
    if (next === null) return { accept: null };
    if (shadows) refused ??= segments.length;
    segments.push({ at: start, length: segment.length });
    state = next;
    if (slash < 0) return conclude(policy, policy.states[state].accept, path, segments, refused);
    start = end + 1;
  }
}

// The accepting entry, unless the path is refused for a value: for the one of this number,
// or for an earlier one that the table names.
function conclude(policy, accept, path, segments, refused) {
  if (accept === null) return { accept };
  const named = policy.accepting[accept].refused ?? segments.length;
  const first = Math.min(named, refused ?? segments.length);
  if (first === segments.length) return { accept };
  const { at, length } = segments[first];
  const colon = policy.no_colon && decode(path.slice(at, at + length)).includes(":");
  return { bad: { rule: (colon ? RULES.ColonInValue : RULES.ShadowsLiteral).name, at, length } };
}

// The state after a segment, or null; and whether the segment is a value for which the path is
// refused: it resembles a literal or an affix, or has a colon that the policy forbids.
function transition(policy, row, segment) {
  if (Object.hasOwn(row.literals, segment)) return { next: row.literals[segment], shadows: false };
  const readings = readingsOf(row);
  const alike = readings.get(reading(segment)) ?? [];
  if (policy.case_insensitive) {
    const label = alike.find((label) => lower(label) === lower(segment));
    if (label !== undefined) return { next: row.literals[label], shadows: false };
  }
  const compared = policy.case_insensitive ? lower(segment) : segment;
  const values = row.affixes.map(([prefix, suffix]) => valueIn(compared, prefix, suffix));
  const taken = values.findIndex((value) => value !== null);
  const others = row.affixes.filter((_, i) => values[i] === null);
  const narrower = readings.size > 0 || others.length > 0;
  const value = taken < 0 ? segment : values[taken];
  return {
    next: taken < 0 ? row.wildcard : row.affixes[taken][2],
    shadows:
      alike.length > 0 ||
      (narrower && isWildcard(segment)) ||
      others.some(([prefix, suffix]) => isAround(segment, prefix, suffix)) ||
      (policy.no_colon && decode(value).includes(":")),
  };
}

// The value between a prefix and a suffix, or null. The suffix does not begin within an escape.
function valueIn(segment, prefix, suffix) {
  if (segment.length <= prefix.length + suffix.length) return null;
  if (!segment.startsWith(prefix) || !segment.endsWith(suffix)) return null;
  const value = segment.slice(prefix.length, segment.length - suffix.length);
  return /%.?$/.test(value) ? null : value;
}

// Whether some system reads a segment as one that begins and ends so.
function isAround(segment, prefix, suffix) {
  return [folded(decode(segment)), reading(segment)].some(
    (text) =>
      text.length >= prefix.length + suffix.length &&
      text.startsWith(lower(prefix)) &&
      text.endsWith(lower(suffix)),
  );
}

// The literals of a state by their reading.
function readingsOf(row) {
  if (!row.readings) {
    row.readings = new Map();
    for (const label of Object.keys(row.literals)) {
      const read = reading(label);
      row.readings.set(read, [...(row.readings.get(read) ?? []), label]);
    }
  }
  return row.readings;
}

// A segment as the most lenient systems read it: percent-decoded once; without a stream of
// NTFS and without the characters that are dropped at its ends; in lower case, and in ASCII if
// NFKC and case folding make it ASCII; an i with another dot is an i.
function reading(segment) {
  return folded(withoutEnds(decode(segment)));
}

function folded(text) {
  const characters = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;
  const ascii = text.replace(characters, (bytes) => ASCII_FORMS.get(codePointOf(bytes)) ?? bytes);
  return lower(ascii).replace(/i(?:\xcc\x87)+/g, "i");
}

// The text without its dropped ends; the whole text, if nothing would be left.
function withoutEnds(text) {
  const colon = text.indexOf(":");
  const name = colon >= 0 && text.includes("$", colon) ? text.slice(0, colon) : text;
  return name.replace(/^[+ ]+/, "").replace(/[+*:"<>. ]+$/, "") || text;
}

// Whether Windows may find a file of another name by this one.
function isWildcard(segment) {
  return /["<>]/.test(decode(segment));
}

function codePointOf(bytes) {
  const lead = bytes.charCodeAt(0) & (0x7f >> bytes.length);
  return Array.from(bytes.slice(1)).reduce((bits, byte) => (bits << 6) | (byte.charCodeAt(0) & 0x3f), lead);
}

// Folds ASCII alone: the other bytes of a binary string are no characters.
function lower(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function decode(segment) {
  return segment.replace(/%[0-9A-Fa-f]{2}/g, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
}

// Names the first path rule that a target breaks, and where: {rule, at, length}; null if none.
function checkTarget(target) {
  if (target.length > LIMITS.target) return bad(RULES.TooLong, LIMITS.target);
  if (target[0] !== "/") return bad(RULES.NotOriginForm, 0);
  const path = target.split("?", 1)[0];
  if (path.length > LIMITS.path) return bad(RULES.TooLong, LIMITS.path);
  const segments = path.slice(1).split("/");
  if (segments.at(-1) === "") segments.pop();
  let at = 1;
  for (const [i, segment] of segments.entries()) {
    if (i >= LIMITS.segments) return bad(RULES.TooManySegments, at);
    const found = checkSegment(segment);
    if (found) return { ...found, at: at + found.at };
    at += segment.length + 1;
  }
  for (let i = path.length; i < target.length; i++) {
    if (target[i] === "#") return bad(RULES.Fragment, i);
    if (target[i] < "\x21" || target[i] > "\x7e") return bad(RULES.QueryBytes, i);
  }
  return null;
}

function bad(rule, at, length = 1) {
  return { rule: rule.name, at, length };
}

function checkSegment(segment) {
  if (segment === "") return bad(RULES.EmptySegment, 0);
  let decoded = 0;
  for (let at = 0; at < segment.length; ) {
    const byte = segment[at];
    if (byte === "#") return bad(RULES.Fragment, at);
    if (byte === "%") {
      const { rule, raw, length } = checkEscape(segment, at);
      if (rule) return bad(rule, at, 3);
      at += raw;
      decoded += length;
      continue;
    }
    if (!UNESCAPED.includes(byte)) return bad(RULES.Byte, at);
    at += 1;
    decoded += 1;
  }
  const whole = segment.length;
  if (decoded > LIMITS.segment) return bad(RULES.SegmentTooLong, 0, whole);
  if (/^\.+$/.test(segment)) return bad(RULES.DotSegment, 0, whole);
  if (segment.startsWith("%20")) return bad(RULES.SegmentEdge, 0, 3);
  if (segment.endsWith(".")) return bad(RULES.SegmentEdge, whole - 1);
  if (segment.endsWith("%20")) return bad(RULES.SegmentEdge, whole - 3, 3);
  return null;
}

function unescape(segment, at) {
  const escape = segment.slice(at, at + 3);
  return /^%[0-9A-Fa-f]{2}$/.test(escape) ? parseInt(escape.slice(1), 16) : null;
}

// Checks the character whose first escape is here: its length as written and decoded.
function checkEscape(segment, at) {
  const lead = unescape(segment, at);
  if (lead === null) return { rule: RULES.BadEscape };
  if (lead >= 0x80) return checkCodePoint(segment, at, lead);
  const character = String.fromCharCode(lead);
  if (ESCAPABLE.includes(character)) return { raw: 3, length: 1 };
  return { rule: UNESCAPED.includes(character) ? RULES.EncodedUnreserved : RULES.EncodedDelimiter };
}

// Checks two to four escapes: shortest-form UTF-8 (RFC 3629), and no look-alike.
function checkCodePoint(segment, at, lead) {
  let length, codePoint, smallest;
  if (lead >= 0xc2 && lead <= 0xdf) [length, codePoint, smallest] = [2, lead & 0x1f, 0x80];
  else if (lead >= 0xe0 && lead <= 0xef) [length, codePoint, smallest] = [3, lead & 0x0f, 0x800];
  else if (lead >= 0xf0 && lead <= 0xf4) [length, codePoint, smallest] = [4, lead & 0x07, 0x10000];
  else return { rule: RULES.Utf8 };
  for (let i = 1; i < length; i++) {
    const byte = unescape(segment, at + 3 * i);
    if (byte === null || (byte & 0xc0) !== 0x80) return { rule: RULES.Utf8 };
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint < smallest || codePoint > 0x10ffff || surrogate) return { rule: RULES.Utf8 };
  if (CONFUSABLE.some(([first, last]) => first <= codePoint && codePoint <= last)) {
    return { rule: RULES.Confusable };
  }
  return { raw: 3 * length, length };
}
