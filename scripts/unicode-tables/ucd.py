"""Reads the Unicode Character Database."""

from pathlib import Path

VERSION = "17.0.0"


class Ucd:
    """What the tables need to know of each character."""

    def __init__(self, folder):
        self.folder = Path(folder)
        for file in ("UnicodeData", "CaseFolding", "DerivedCoreProperties"):
            if not (self.folder / f"{file}.txt").is_file():
                raise SystemExit(f"{self.folder / file}.txt is not there; the README beside this script says where to get it")
        # UnicodeData.txt does not name its version; `check_whole` tells it by the counts.
        for file in ("CaseFolding", "DerivedCoreProperties"):
            self.check_version(file)
        self.name, self.category, self.decomposition = {}, {}, {}
        self.read_characters()
        self.ignorable = {
            code_point
            for span, value in self.records("DerivedCoreProperties", 2)
            if value == "Default_Ignorable_Code_Point"
            for code_point in code_points(span)
        }
        # Full case folding: the statuses C and F. T is for the Turkic i's alone.
        self.casefold, self.turkic = {}, {}
        for code_point, status, text in self.records("CaseFolding", 3):
            if status in ("C", "F"):
                self.casefold[int(code_point, 16)] = numbers(text)
            elif status == "T":
                self.turkic[int(code_point, 16)] = numbers(text)
        self.check_whole()

    def check_version(self, file):
        path = self.folder / f"{file}.txt"
        with open(path, encoding="utf-8") as lines:
            first = next(lines).strip()
        if first != f"# {file}-{VERSION}.txt":
            raise SystemExit(f"{path}:1: {first!r}, but the tables are of Unicode {VERSION}")

    def check_whole(self):
        """A file that is cut short, or of another version, has other counts."""
        counts = {
            # The standard's 159,801, with controls, private use and surrogates.
            "characters": (len(self.name), 159_801 + 65 + 137_468 + 2_048),
            "decompositions": (len(self.decomposition), 5_914),
            "full foldings": (len(self.casefold), 1_585),
            "ignorable code points": (len(self.ignorable), 4_174),
        }
        for what, (found, expected) in counts.items():
            if found != expected:
                raise SystemExit(f"{self.folder}: {found} {what}; Unicode {VERSION} has {expected}")

    def records(self, file, count):
        """The first fields of each line of a file."""
        with open(self.folder / f"{file}.txt", encoding="utf-8") as lines:
            for line in lines:
                line = line.split("#")[0].strip()
                if line:
                    yield [field.strip() for field in line.split(";")][:count]

    def read_characters(self):
        first = None
        for code_point, name, category, _, _, decomposition in self.records("UnicodeData", 6):
            last = int(code_point, 16)
            if name.endswith(", First>"):
                first = last
                continue
            start = last
            if name.endswith(", Last>"):
                start = first
            for each in range(start, last + 1):
                self.name[each], self.category[each] = name, category
            if decomposition:
                parts = [part for part in decomposition.split() if not part.startswith("<")]
                self.decomposition[last] = numbers(" ".join(parts))

    def nfkd(self, code_point):
        """The compatibility decomposition. Marks are not put in order: nobody asks for it."""
        parts = self.decomposition.get(code_point, [])
        return [each for part in parts for each in self.nfkd(part)] or [code_point]


def numbers(text):
    return [int(part, 16) for part in text.split()]


def code_points(span):
    """The code points of `XXXX` or `XXXX..YYYY`."""
    ends = [int(end, 16) for end in span.split("..")]
    return range(ends[0], ends[-1] + 1)


def ranges(code_points):
    """Inclusive ranges, in order."""
    found = []
    for code_point in sorted(code_points):
        if found and found[-1][1] == code_point - 1:
            found[-1][1] = code_point
        else:
            found.append([code_point, code_point])
    return found
