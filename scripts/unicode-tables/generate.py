#!/usr/bin/env python3
"""Writes the tables of characters from the Unicode Character Database.

    scripts/unicode-tables/generate.py UCD            writes the files
    scripts/unicode-tables/generate.py UCD --check    says which are out of date; exit code 1 if any is

UCD is a folder with UnicodeData.txt, CaseFolding.txt and DerivedCoreProperties.txt of
Unicode 17.0.0, as the Unicode Consortium publishes them or as `from-npm.mjs` writes them.
The README beside this file says what the tables are.
"""

import argparse
import sys
from pathlib import Path

import pack
from ucd import VERSION, Ucd, ranges

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COMMAND = "scripts/unicode-tables/generate.py UCD"

# These characters have a meaning in a path, a file name or a command.
DELIMITERS = set(map(ord, '/\\.%;?#:*"<>|+$'))
CONTROLS = set(range(0x20)) | {0x7F}
SIGNIFICANT = DELIMITERS | CONTROLS | {ord(" ")}

CATEGORIES = {
    "Cc": "control",
    "Cf": "format character",
    "Zs": "separator",
    "Zl": "separator",
    "Zp": "separator",
    "Co": "private use",
}
SURROGATES = range(0xD800, 0xE000)
CHARACTERS = [c for c in range(0x80, 0x110000) if c not in SURROGATES]
# The last two code points of each plane, which the engine knows without a range.
PLANE_ENDS = {plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)}

NONCHARACTERS = PLANE_ENDS | set(range(0xFDD0, 0xFDF0))

# Between these, letters that Unicode already had elsewhere have left gaps. Nothing will
# ever be assigned there; the letter that would fit reads there, as it does in some fonts.
MATHEMATICAL = range(0x1D400, 0x1D6A4)


def fields(file, count):
    """The lines of a file of ours, cut at white space, with their numbers."""
    for number, line in enumerate((HERE / file).read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, line.split(maxsplit=count - 1)


def best_fits():
    """Code point -> what it becomes, and in which code pages."""
    fits = {}
    for number, (code_point, target, pages) in fields("best-fit.txt", 3):
        if int(target, 16) not in SIGNIFICANT:
            raise SystemExit(f"best-fit.txt:{number}: {target} is neither a delimiter, a space nor a control")
        fits.setdefault(int(code_point, 16), []).append((int(target, 16), pages))
    return fits


def show(code_point):
    """A character for the reasons: itself if it is visible ASCII."""
    if 0x21 <= code_point <= 0x7E:
        return chr(code_point)
    if code_point == 0x20:
        return "a space"
    return f"the control {code_point:02X}" if code_point < 0x80 else f"U+{code_point:04X}"


class Refused:
    """The global list: sections of code points, each with the reason."""

    def __init__(self, ucd):
        self.ucd = ucd
        self.sections = []
        self.all = set()
        self.add_section("Controls, format characters, separators, private use, noncharacters.", self.by_category)
        self.add_section("What NFKC_Casefold turns into nothing: default-ignorable code points.", self.by_absence)
        self.add_section(
            'What a compatibility form turns into text with a space, a control or one of / \\ . % ; ? # : * " < > | + $.',
            self.by_form,
        )
        self.add_section("What a best-fit table of Windows turns into one of these.", self.by_best_fit)
        self.add_section("What a compatibility form turns into text with a character of the above.", self.by_what_it_holds)
        self.add_by_hand()
        self.add_section("What a compatibility form turns into text with a character of the last list.", self.by_what_it_holds)

    def add_section(self, title, reason_of):
        reasons = {c: reason_of(c) for c in CHARACTERS if c not in self.all}
        reasons = {c: reason for c, reason in reasons.items() if reason}
        if reasons:
            self.sections.append((title, reasons))
            self.all |= reasons.keys()

    def by_category(self, c):
        if c in NONCHARACTERS:
            return "noncharacter"
        return CATEGORIES.get(self.ucd.category.get(c))

    def by_absence(self, c):
        return "turns into nothing" if c in self.ucd.ignorable else None

    def by_form(self, c):
        # A character that has one in NFKC or NFKC_Casefold has it in NFKD too. NFKC is not
        # enough, since it composes < and > into ≮ and ≯. Case folding makes none.
        found = [show(each) for each in self.ucd.nfkd(c) if each in SIGNIFICANT]
        return "has " + " and ".join(dict.fromkeys(found)) if found else None

    def by_best_fit(self, c):
        fits = BEST_FITS.get(c, [])
        return "; ".join(f"{show(target)} in code page {pages.replace(' ', ', ')}" for target, pages in fits)

    def by_what_it_holds(self, c):
        found = [show(each) for each in self.ucd.nfkd(c) if each in self.all]
        return "has " + " and ".join(dict.fromkeys(found)) if found else None

    def add_by_hand(self):
        reasons = {}
        for number, (span, reason) in fields("by-hand.txt", 2):
            first, last = (int(end, 16) for end in (span.split("-") * 2)[:2])
            new = set(range(first, last + 1)) - self.all
            if not new:
                raise SystemExit(f"by-hand.txt:{number}: {span} is refused without this line")
            reasons |= dict.fromkeys(new, reason)
        self.sections.append(("By hand.", reasons))
        self.all |= reasons.keys()

    def lines(self):
        for title, reasons in self.sections:
            yield f"# {title}"
            for first, last in ranges(reasons.keys() - PLANE_ENDS):
                while first <= last:
                    end = first
                    while end < last and reasons[end + 1] == reasons[first]:
                        end += 1
                    span = f"{first:04X}" if first == end else f"{first:04X}-{end:04X}"
                    yield f"{span} {self.named(first, end)}{reasons[first]}"
                    first = end + 1
            if reasons.keys() & PLANE_ENDS:
                yield "nFFFE-nFFFF noncharacters: the last two code points of every plane"

    def named(self, first, last):
        """The names of both ends, where the characters have any."""
        names = [self.ucd.name.get(end, "<unassigned>").lower() for end in (first, last)]
        names = [name for name in dict.fromkeys(names) if name[0] != "<"]
        return f"{' .. '.join(names)}: " if names else ""


BEST_FITS = best_fits()


def ascii_forms(ucd, refused):
    """Code point -> its text after NFKC and full case folding, where that is ASCII."""
    forms = {}
    for c in CHARACTERS:
        if c in refused:
            continue
        text = [c] if c in ucd.turkic else ucd.nfkd(c)
        folded = [each for part in text for each in turkic_fold(ucd, part)]
        folded = [each for part in folded for each in ucd.nfkd(part)]
        if all(each < 0x80 for each in folded):
            forms[c] = "".join(map(chr, folded))
    for c in MATHEMATICAL:
        if c not in ucd.name:
            forms[c] = chr(ord("a") + (c - MATHEMATICAL[0]) % 26)
    return forms


def turkic_fold(ucd, c):
    """Full case folding, and both Turkic i's are an i."""
    if c == 0x131 or ucd.turkic.get(c) == [ord("i")]:
        return [ord("i")]
    return ucd.casefold.get(c, [c])


def rust(refused, rows, words):
    spans = ranges(refused - PLANE_ENDS)
    below = [span for span in spans if span[1] < 0x10000]
    beyond = [span for span in spans if span[0] >= 0x10000]
    assert len(below) + len(beyond) == len(spans)
    digits = lambda number: f"{number:04X}" if number < 0x10000 else f"{number >> 16:X}_{number & 0xFFFF:04X}"
    pair = lambda span: f"(0x{digits(span[0])}, 0x{digits(span[1])})"
    size = 4 * len(below) + 8 * len(beyond)
    text = lines_of_text(words)
    return f"""\
// @generated by `{COMMAND}` from Unicode {VERSION}. Do not edit.

//! {len(spans)} ranges: {size} bytes. {len(rows)} rows and {len(words)} bytes of words: {4 * len(rows) + len(words)} bytes.

/// Inclusive ranges below U+10000 of what no segment may contain, without the last two
/// code points. `tests/data/confusables.txt` names each one.
#[rustfmt::skip]
pub(crate) const CONFUSABLE: [(u16, u16); {len(below)}] = [
{rows_of(below, pair, 5)}];

/// The ranges from there on, without the last two code points of each plane.
#[rustfmt::skip]
pub(crate) const CONFUSABLE_BEYOND: [(u32, u32); {len(beyond)}] = [
{rows_of(beyond, pair, 4)}];

/// Where the ASCII forms of characters are: see `ascii_form.rs`.
#[rustfmt::skip]
pub(crate) static ASCII_FORMS: [u32; {len(rows)}] = [
{rows_of(rows, lambda row: f"row(0x{row >> 11:04X}, 0x{row & 0x7FF:03X})", 4)}];

const fn row(first: u32, reads: u32) -> u32 {{
    first << 11 | reads
}}

/// Words of ASCII; the last byte of each has its top bit set.
#[rustfmt::skip]
pub(crate) static ASCII_WORDS: [u8; {len(words)}] = *b"\\
{text}";
"""


def rows_of(values, text, columns):
    lines = [values[i : i + columns] for i in range(0, len(values), columns)]
    return "".join("    " + ", ".join(map(text, line)) + ",\n" for line in lines)


def lines_of_text(data):
    """Bytes as a text of Rust, in lines."""
    lines = [""]
    for byte in data:
        shown = chr(byte) if 0x21 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}"
        if len(lines[-1]) + len(shown) > 94:
            lines.append("")
        lines[-1] += shown
    return "\\\n".join(f"    {line}" for line in lines)


def confusables(refused):
    return f"""\
# Code points refused in a decoded path segment (hex, inclusive ranges) and why.
# @generated by `{COMMAND}` from Unicode {VERSION}. Do not edit.
""" + "".join(f"{line}\n" for line in refused.lines())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ucd", metavar="UCD", help=f"folder with the files of Unicode {VERSION}")
    parser.add_argument("--check", action="store_true", help="write nothing, list the files that are out of date")
    arguments = parser.parse_args()

    ucd = Ucd(arguments.ucd)
    refused = Refused(ucd)
    forms = ascii_forms(ucd, refused.all)
    rows, words = pack.pack(forms)
    for c in range(0x110000 if arguments.check else 0x20000):
        if pack.unpack(rows, words, c) != forms.get(c, ""):
            raise SystemExit(f"U+{c:04X} would not be read as it was packed")

    files = {
        ROOT / "crates/core/src/unicode/tables.rs": rust(refused.all, rows, words),
        ROOT / "tests/data/confusables.txt": confusables(refused),
    }
    stale = []
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT))
            if not arguments.check:
                path.write_text(text, encoding="utf-8", newline="\n")
    for path in stale:
        print(f"{path}: {'out of date' if arguments.check else 'written'}")
    return 1 if arguments.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
