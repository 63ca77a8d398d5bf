// The decision, step by step as routescope-core makes it. Texts are binary
// strings: a character for each byte.

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const LIMITS = { target: 8192, path: 2048, segments: 32, segment: 255 };
const ALLOWED = /^[A-Za-z0-9\-._~!$&'()*+,=:@]$/;

// Code points that a segment may not contain; inclusive ranges.
const CONFUSABLE = [
  [0x0080, 0x00a0], [0x00a5, 0x00a8], [0x00ad, 0x00ad], [0x00af, 0x00af], [0x00b4, 0x00b4],
  [0x00b6, 0x00b6], [0x00b8, 0x00b8], [0x00bc, 0x00bf], [0x017f, 0x017f], [0x01c0, 0x01c0],
  [0x02ba, 0x02ba], [0x02d8, 0x02dd], [0x030e, 0x030e], [0x034f, 0x034f], [0x037a, 0x037a],
  [0x037e, 0x037e], [0x0384, 0x0385], [0x0589, 0x0589], [0x0600, 0x0605], [0x061c, 0x061c],
  [0x066a, 0x066a], [0x06dd, 0x06dd], [0x070f, 0x070f], [0x0890, 0x0891], [0x08e2, 0x08e2],
  [0x115f, 0x1160], [0x1680, 0x1680], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x1fbd, 0x1fbd],
  [0x1fbf, 0x1fc1], [0x1fcd, 0x1fcf], [0x1fdd, 0x1fdf], [0x1fed, 0x1fee], [0x1ffd, 0x1ffe],
  [0x2000, 0x200f], [0x2017, 0x2017], [0x2024, 0x2026], [0x2028, 0x202f], [0x203c, 0x203c],
  [0x203e, 0x203e], [0x2044, 0x2044], [0x2047, 0x2049], [0x205f, 0x206f], [0x207a, 0x207a],
  [0x208a, 0x208a], [0x20a9, 0x20a9], [0x2100, 0x2101], [0x2105, 0x2106], [0x212a, 0x212a],
  [0x2150, 0x215f], [0x2189, 0x2189], [0x2190, 0x2195], [0x219a, 0x219b], [0x21a8, 0x21a8],
  [0x21ae, 0x21ae], [0x2215, 0x2217], [0x221f, 0x221f], [0x2223, 0x2224], [0x2236, 0x2236],
  [0x226e, 0x226f], [0x2302, 0x2302], [0x2329, 0x232a], [0x2488, 0x249b], [0x250c, 0x250c],
  [0x2510, 0x2510], [0x2514, 0x2514], [0x2518, 0x2518], [0x251c, 0x251c], [0x2524, 0x2524],
  [0x2534, 0x2534], [0x253c, 0x253c], [0x2552, 0x255d], [0x256a, 0x256c], [0x25ac, 0x25ac],
  [0x25b2, 0x25b2], [0x25ba, 0x25ba], [0x25bc, 0x25bc], [0x25c4, 0x25c4], [0x25cb, 0x25cb],
  [0x25d8, 0x25d9], [0x263a, 0x263c], [0x2640, 0x2640], [0x2642, 0x2642], [0x2660, 0x2660],
  [0x2663, 0x2663], [0x2665, 0x2666], [0x266a, 0x266b], [0x2758, 0x2758], [0x2800, 0x2800],
  [0x29f5, 0x29f5], [0x29f8, 0x29f9], [0x2a74, 0x2a74], [0x3000, 0x3000], [0x3002, 0x3002],
  [0x3008, 0x3009], [0x301d, 0x301e], [0x309b, 0x309c], [0x3164, 0x3164], [0x33a7, 0x33a8],
  [0x33ae, 0x33af], [0x33c2, 0x33c2], [0x33c6, 0x33c7], [0x33d8, 0x33d8], [0x33de, 0x33df],
  [0xe000, 0xf8ff], [0xfb29, 0xfb29], [0xfc5e, 0xfc63], [0xfdd0, 0xfdef], [0xfdfa, 0xfdfb],
  [0xfe00, 0xfe19], [0xfe30, 0xfe70], [0xfe72, 0xfe72], [0xfe74, 0xfe74], [0xfe76, 0xfe76],
  [0xfe78, 0xfe78], [0xfe7a, 0xfe7a], [0xfe7c, 0xfe7c], [0xfe7e, 0xfe7e], [0xfeff, 0xfffb],
  [0x107b6, 0x107b6], [0x110bd, 0x110bd], [0x110cd, 0x110cd], [0x13430, 0x1343f], [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a], [0x1f100, 0x1f100], [0xe0000, 0xe0fff], [0xf0000, 0xffffd], [0x100000, 0x10fffd],
];

// The ASCII forms of characters, as scripts/unicode-tables/pack.py describes them: the first
// code point of a row, and how the code points from there on read.
const ASCII_FORMS = [
  [0x00aa, 0x248], [0x00b2, 0x23e], [0x00b9, 0x23b], [0x00df, 0x238], [0x0130, 0x203],
  [0x01c7, 0x1c5], [0x01f1, 0x1e7], [0x02b0, 0x1dd], [0x02e1, 0x22e], [0x1d2c, 0x1f5],
  [0x1d33, 0x606], [0x1d3b, 0x043], [0x1d3c, 0x121], [0x1d62, 0x21c], [0x1d9c, 0x210],
  [0x1dbb, 0x11f], [0x1e9e, 0x238], [0x1fef, 0x246], [0x2070, 0x1a6], [0x2080, 0x500],
  [0x208a, 0x043], [0x208c, 0x183], [0x20a8, 0x235], [0x2102, 0x1c3], [0x210a, 0x0fc],
  [0x212c, 0x170], [0x2145, 0x216], [0x2160, 0x087], [0x2460, 0x401], [0x2474, 0x481],
  [0x2488, 0x043], [0x249c, 0x680], [0x24b6, 0x600], [0x24ea, 0x244], [0x2a75, 0x20a],
  [0x2c7c, 0x241], [0x3250, 0x22a], [0x3251, 0x415], [0x3260, 0x043], [0x32b1, 0x424],
  [0x32c0, 0x043], [0x32cc, 0x1d2], [0x3371, 0x142], [0x3380, 0x000], [0x33a0, 0x044],
  [0x33c3, 0x0c4], [0x33ff, 0x226], [0xa7f1, 0x221], [0xfb00, 0x195], [0x107a5, 0x224],
  [0x1ccd6, 0x600], [0x1ccf0, 0x500], [0x1ccfa, 0x043], [0x1d400, 0x600], [0x1d6a4, 0x24a],
  [0x1d7ce, 0x500], [0x1d800, 0x043], [0x1f101, 0x15b], [0x1f110, 0x680], [0x1f12a, 0x043],
  [0x1f12b, 0x1fc], [0x1f130, 0x600], [0x1f14a, 0x1b7], [0x1f16a, 0x1ee], [0x1f190, 0x232],
  [0x1fbf0, 0x500], [0x1fbfa, 0x043],
];
const ASCII_WORDS = [
  "p\xe1n\xe1\x80m\xe1k\xe1k\xe2m\xe2g\xe2ca\xeckca\xecp\xe6n\xe6\x80\x80m\xe7k\xe7h\xfakh\xfamh",
  "\xfagh\xfath\xfa\x80m\xecd\xeck\xecf\xedn\xed\x80m\xedc\xedk\xedmm\xb2\x00cm\xb2m\xb2km\xb2mm",
  "\xb3cm\xb3m\xb3km\xb3\x80\x80p\xe1kp\xe1mp\xe1gp\xe1ra\xe4\x80\x80p\xf3n\xf3\x80m\xf3p\xf6n",
  "\xf6\x80m\xf6k\xf6m\xf6p\xf7n\xf7\x80m\xf7k\xf7m\xf7\x00\xe9i\xe9ii\xe9i\xf6\xf6v\xe9vi\xe9vii",
  "\xe9i\xf8\xf8x\xe9xi\xe9\xec\xe3\xe4\xed\xe9i\xe9ii\xe9i\xf6\xf6v\xe9vi\xe9vii\xe9i\xf8\xf8x",
  "\xe9xi\xe9\xec\xe3\xe4\xed\x00b\xf1c\xe3c\xe4\x80\x80d\xe2g\xf9h\xe1h\xf0i\xeek\xebk\xedk\xf4l",
  "\xedl\xeelo\xe7l\xf8m\xe2mi\xecmo\xecp\xe8\x80pp\xedp\xf2s\xf2s\xf6w\xe2\x00\xe7\xe8\xe8\xe8",
  "\xe8\x80\xe9\xe9\xec\xec\x80\xeen\xef\x80\x80\xf0\xf1\xf2\xf2\xf2\x80\x80s\xedte\xect\xed\x80",
  "\xfa\x80\x80\x80\xfa\x00\xef\x80\xf0\xf2\xf4\xf5\xf7\xe1\x80\x80\x80\xe2\xe4\xe5\x80\x80\x80",
  "\xe7\x80\xeb\xed\x80\xef\x80\x80\x80\xf0\xf4\xf5\x80\x80\xf6\x00hp\xe1d\xe1a\xf5ba\xf2o\xf6p",
  "\xe3d\xeddm\xb2dm\xb3i\xf5\x000\xac1\xac2\xac3\xac4\xac5\xac6\xac7\xac8\xac9\xac\x00\xe2\xe3",
  "\x80\xe5\xe5\xe6\x80\xed\xef\x80\x80\x80\x80\xe9\x80fa\xf8\x00\xbd\xa8\xa9\x80\xe1\xe5\xef\xf8",
  "\x80\xe8\xeb\xec\xed\xee\xf0\xf3\xf4\x00f\xe6f\xe9f\xecff\xe9ff\xecs\xf4s\xf4\x00\xb0\xe9\x80",
  "\x80\xb4\xb5\xb6\xb7\xb8\xb9\x80\x80\xbd\xa8\xa9\xee\x00h\xf6m\xf6s\xe4s\xf3pp\xf6w\xe3\x00l",
  "\xeal\xeal\xean\xean\xean\xea\x00h\xe7er\xe7e\xf6lt\xe4\x00\xe8\x80\xea\xf2\x80\x80\x80\xf7",
  "\xf9\x00d\xfad\xfad\xfa\x00m\xe3m\xe4m\xf2\x00\xe1\x80\xe2\x80\xe4\xe5\x00\xe3\xf2c\xe4w\xfa",
  "\x00\xe9\xe9i\xeai\xea\x00=\xbd==\xbd\x00\xe3\x80\x80\x80\xe6\x00\xe4\xe4\xe5\xe9\xea\x00\xe9",
  "\xf2\xf5\xf6\x00\xf3\xe3\xe6\xf1\x00ga\xec\x00pt\xe5\x00\xec\xf3\xf8\x00d\xea\x00r\xf3\x00s",
  "\xf3\x00\xb1\xef\x00\xb2\xb3\x00\xea\xf6\x00\xb0\x00\xe0\x00\xe1\x00\xe9\x00",
].join("");

// The bytes of a text as a browser would send them.
function bytes(text) {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

// May a key with these scopes (indices, a Set) make this request? The answer
// is {decision, reason, route, accepted, ...}, with indices into the policy.
function decide(policy, held, method, target) {
  if (!METHODS.includes(method)) return deny("bad_method");
  const bad = checkTarget(target);
  if (bad) return deny("bad_path", bad);
  const found = walk(policy, target);
  if (found.bad) return deny("bad_path", found.bad);
  if (found.end === null) return deny("unknown_route");
  const { template, routes } = policy.ends[found.end];
  const listed = method === "HEAD" && !("HEAD" in routes) ? "GET" : method;
  if (!(listed in routes)) {
    const answers = METHODS.filter((name) => name in routes || (name === "HEAD" && "GET" in routes));
    return deny("method_not_listed", { template, methods: answers });
  }
  const route = routes[listed];
  const accepted = policy.accepted[route];
  const by = accepted.find((scope) => held.has(scope));
  if (by === undefined) return deny("missing_scope", { route, accepted });
  return { decision: "allow", reason: null, route, accepted, by };
}

function deny(reason, more) {
  return { decision: "deny", reason, route: null, accepted: [], ...more };
}

// One transition a segment, never back.
function walk(policy, target) {
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
    if (slash < 0 && segment === "") return conclude(policy, row.end_slash, segments, refused);
    const { next, resembles } = step(policy, row, segment);
    if (next === null) return { end: null };
    if (resembles) refused ??= segments.length;
    segments.push({ at: start, length: segment.length });
    state = next;
    if (slash < 0) return conclude(policy, policy.states[state].end, segments, refused);
    start = end + 1;
  }
}

// What wins, unless the path is refused for the segment of this number, or for one that
// the table names: a value of the winner that resembles a literal.
function conclude(policy, end, segments, refused) {
  if (end === null) return { end };
  const named = policy.ends[end].refused ?? segments.length;
  const first = Math.min(named, refused ?? segments.length);
  if (first === segments.length) return { end };
  return { bad: { rule: "shadows_literal", ...segments[first] } };
}

// Where a segment leads, or null; and whether it is a value that resembles a literal.
function step(policy, row, segment) {
  if (Object.hasOwn(row.literals, segment)) return { next: row.literals[segment], resembles: false };
  const readings = readingsOf(row);
  const alike = readings.get(reading(segment)) ?? [];
  if (policy.case_insensitive) {
    const label = alike.find((label) => lower(label) === lower(segment));
    if (label !== undefined) return { next: row.literals[label], resembles: false };
  }
  return { next: row.other, resembles: alike.length > 0 || (readings.size > 0 && isWildcard(segment)) };
}

// The literals of a state, by what the most lenient systems read them as.
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

// What the most lenient systems read a segment as: percent-decoded once; without a stream of
// NTFS and without what is dropped at the ends; in lower case, and in ASCII if NFKC and case
// folding make it ASCII; an i with another dot is an i.
function reading(segment) {
  const characters = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;
  const ascii = withoutEnds(decode(segment)).replace(characters, (bytes) => asciiForm(codePointOf(bytes)) || bytes);
  return lower(ascii).replace(/i(?:\xcc\x87)+/g, "i");
}

// As it is, if nothing would be left.
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

// The text of a character after NFKC and full case folding, if that is ASCII; else "".
function asciiForm(codePoint) {
  const row = ASCII_FORMS.findLast(([first]) => first <= codePoint);
  if (!row) return "";
  const [first, reads] = row;
  const ordinal = codePoint - first;
  if (reads & 0x400) {
    const number = (reads & 0x7f) + ordinal;
    const letter = String.fromCharCode(0x61 + (number % 26));
    const text = reads & 0x200 ? letter : String(reads & 0x100 ? number % 10 : number);
    return reads & 0x80 ? `(${text})` : text;
  }
  const words = ASCII_WORDS.slice(reads).split("\0", 1)[0];
  const word = words.match(/[\x01-\x7f]*[\x80-\xff]/g)?.[ordinal] ?? "";
  const last = word.charCodeAt(word.length - 1) & 0x7f;
  return last ? word.slice(0, -1) + String.fromCharCode(last) : "";
}

// Only ASCII: the rest of a byte string is no text.
function lower(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function decode(segment) {
  return segment.replace(/%[0-9A-Fa-f]{2}/g, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
}

// The first path rule that a target breaks, and where: {rule, at, length}.
function checkTarget(target) {
  if (target.length > LIMITS.target) return bad("too_long", LIMITS.target);
  if (target[0] !== "/") return bad("not_origin_form", 0);
  const path = target.split("?", 1)[0];
  if (path.length > LIMITS.path) return bad("too_long", LIMITS.path);
  const segments = path.slice(1).split("/");
  if (segments.at(-1) === "") segments.pop();
  let at = 1;
  for (const [i, segment] of segments.entries()) {
    if (i >= LIMITS.segments) return bad("too_many_segments", at);
    const found = checkSegment(segment);
    if (found) return { ...found, at: at + found.at };
    at += segment.length + 1;
  }
  for (let i = path.length; i < target.length; i++) {
    if (target[i] === "#") return bad("fragment", i);
    if (target[i] < "\x21" || target[i] > "\x7e") return bad("query_bytes", i);
  }
  return null;
}

function bad(rule, at, length = 1) {
  return { rule, at, length };
}

function checkSegment(segment) {
  if (segment === "") return bad("empty_segment", 0);
  let decoded = 0;
  for (let at = 0; at < segment.length; ) {
    const byte = segment[at];
    if (byte === "#") return bad("fragment", at);
    if (byte === "%") {
      const { rule, raw, length } = checkEscape(segment, at);
      if (rule) return bad(rule, at, 3);
      at += raw;
      decoded += length;
      continue;
    }
    if (!ALLOWED.test(byte)) return bad("byte", at);
    at += 1;
    decoded += 1;
  }
  const whole = segment.length;
  if (decoded > LIMITS.segment) return bad("segment_too_long", 0, whole);
  if (/^\.+$/.test(segment)) return bad("dot_segment", 0, whole);
  if (segment.startsWith("%20")) return bad("segment_edge", 0, 3);
  if (segment.endsWith(".")) return bad("segment_edge", whole - 1);
  if (segment.endsWith("%20")) return bad("segment_edge", whole - 3, 3);
  return null;
}

function unescape(segment, at) {
  const escape = segment.slice(at, at + 3);
  return /^%[0-9A-Fa-f]{2}$/.test(escape) ? parseInt(escape.slice(1), 16) : null;
}

// The character whose first escape is here: its length as written and decoded.
function checkEscape(segment, at) {
  const lead = unescape(segment, at);
  if (lead === null) return { rule: "bad_escape" };
  const character = String.fromCharCode(lead);
  if (lead < 0x20 || lead === 0x7f || "/\\%;?#".includes(character)) return { rule: "encoded_delimiter" };
  if (/[0-9A-Za-z\-._]/.test(character)) return { rule: "encoded_unreserved" };
  if (lead < 0x80) return { raw: 3, length: 1 };
  return checkCodePoint(segment, at, lead);
}

// Two to four escapes: shortest-form UTF-8 (RFC 3629), and no look-alike.
function checkCodePoint(segment, at, lead) {
  let length, codePoint, smallest;
  if (lead >= 0xc2 && lead <= 0xdf) [length, codePoint, smallest] = [2, lead & 0x1f, 0x80];
  else if (lead >= 0xe0 && lead <= 0xef) [length, codePoint, smallest] = [3, lead & 0x0f, 0x800];
  else if (lead >= 0xf0 && lead <= 0xf4) [length, codePoint, smallest] = [4, lead & 0x07, 0x10000];
  else return { rule: "utf8" };
  for (let i = 1; i < length; i++) {
    const byte = unescape(segment, at + 3 * i);
    if (byte === null || (byte & 0xc0) !== 0x80) return { rule: "utf8" };
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint < smallest || codePoint > 0x10ffff || surrogate) return { rule: "utf8" };
  const nonCharacter = (codePoint & 0xfffe) === 0xfffe;
  if (nonCharacter || CONFUSABLE.some(([first, last]) => first <= codePoint && codePoint <= last)) {
    return { rule: "confusable" };
  }
  return { raw: 3 * length, length };
}
