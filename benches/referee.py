"""A plain count of what written music says, to judge where Cantus and its peers differ.

It shares nothing with Cantus: kern is timed by the shortest note that still sounds (Cantus asks the spines for the end of
their last notes), MusicXML by walking its durations. It knows notes, beginnings, lengths and bar lines; no repeats, no ties, no
mercy for faults: what a file says twice and differently is counted in `faults`.
"""
import io
import re
import zipfile
from fractions import Fraction
from math import floor
from xml.etree import ElementTree

STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def read(path):
    """Notes (beginning and length in quarters, key, whether grace), bars, and the order of sections where one is listed."""
    data = open(path, "rb").read()
    return Kern(data).answer() if str(path).endswith(".krn") else MusicXml(data).answer()


def text_of(data):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


# ---- kern ----

RECIP = re.compile(r"(\d+)(?:%(\d+))?")
PITCH = re.compile(r"([a-gA-G])\1*")


def length_of(note):
    """Quarters of a note such as `8.cc#`; nothing for one without a number."""
    found = RECIP.search(note)
    if not found:
        return None
    lower, upper = found.group(1), int(found.group(2) or 1)
    whole = Fraction(2 ** len(lower)) if set(lower) == {"0"} else Fraction(upper, int(lower))
    dots = note.count(".")
    return 4 * whole * (2 - Fraction(1, 2 ** dots))


def key_of(note):
    """The key of the keyboard; nothing for a rest."""
    found = PITCH.search(note)
    if not found or "r" in note:
        return None
    run = found.group()
    octave = 4 + len(run) if run[0].islower() else 5 - len(run)
    return 12 * octave + STEPS[run[0].lower()] + note.count("#") - note.count("-")


class Column:
    def __init__(self, kind, ends):
        self.kind, self.ends = kind, ends


class Kern:
    def __init__(self, data):
        self.columns, self.notes, self.bars, self.faults = [], [], [], []
        self.labels, self.order = [], None
        # Whether `now` is already the time of what comes next, and not of the last notes.
        self.now, self.there = Fraction(0), True
        for number, line in enumerate(re.split("\r\n|\n|\r", text_of(data)), 1):
            if line.strip() and not line.startswith("!"):
                self.line(number, [token for token in line.split("\t") if token])

    def answer(self):
        notes = [[str(start), str(length), key, grace] for start, length, key, grace in self.notes]
        return {"notes": notes, "bars": [str(bar) for bar in sorted({Fraction(0), *self.bars})], "faults": self.faults,
                "played": self.played()}

    def line(self, number, tokens):
        if tokens[0].startswith("**") and not self.columns:
            self.go_on()
            begin = max([self.now, *(note[0] + note[1] for note in self.notes)])
            self.now, self.columns = begin, [Column(token, None) for token in tokens]
        elif tokens[0].startswith("*"):
            self.interpret(tokens)
        elif tokens[0].startswith("="):
            self.go_on()
            self.bars.append(self.now)
        else:
            self.data(number, tokens)

    def go_on(self):
        """Time goes to where the shortest note ends that still sounds."""
        if not self.there:
            ends = [one.ends for one in self.columns if one.ends is not None and one.ends > self.now]
            self.now, self.there = min(ends, default=self.now), True

    def data(self, number, tokens):
        if len(tokens) != len(self.columns):
            self.faults.append(f"line {number} has {len(tokens)} tokens for {len(self.columns)} spines")
        found = [(column, token) for column, token in zip(self.columns, tokens) if column.kind == "**kern" and token != "."]
        if not found:
            return
        self.go_on()
        for column, token in found:
            parts = [part for part in token.split(" ") if part and part != "."]
            grace = bool(parts) and "q" in parts[0]
            length = None if grace or not parts else length_of(parts[0])
            if length is not None:
                if column.ends not in (None, self.now):
                    self.faults.append(f"line {number}: a note begins {float(self.now - column.ends):+.3f} quarters after the one before it ends")
                column.ends, self.there = self.now + length, False
            for part in parts:
                key = key_of(part)
                if key is not None:
                    self.notes.append((self.now, length or Fraction(0), key, length is None))

    def interpret(self, tokens):
        for column, token in zip(self.columns, tokens):
            if token.startswith("**"):
                column.kind = token
            elif token.startswith("*>["):
                self.order = self.order or [name.strip() for name in token[3:].rstrip("]").split(",")]
            elif token.startswith("*>") and "[" not in token:
                self.go_on()
                if (self.now, token[2:]) not in self.labels:
                    self.labels.append((self.now, token[2:]))
        if not any(token in ("*^", "*v", "*x", "*+", "*-") for token in tokens):
            return
        columns, joins, waits = [], False, None
        for column, token in zip(self.columns, tokens):
            if token == "*v" and joins:
                ends = [one.ends for one in (columns[-1], column) if one.ends is not None]
                columns[-1].ends = max(ends, default=None)
                continue
            joins = token == "*v"
            if token == "*-":
                continue
            columns.append(column)
            if token == "*^":
                columns.append(Column(column.kind, None))
            elif token == "*+":
                columns.append(Column("", None))
            elif token == "*x":
                if waits is not None:
                    columns[waits], columns[-1] = columns[-1], columns[waits]
                waits = len(columns) - 1 if waits is None else None
        self.columns = columns

    def played(self):
        """Stretches of time in the listed order of sections, joined; nothing where the file lists none, or none that is plain."""
        names = [name for _, name in self.labels]
        if not self.order or len(set(names)) < len(names) or not set(self.order) <= set(names):
            return None
        self.go_on()
        end = max([note[0] + note[1] for note in self.notes] + [one.ends for one in self.columns if one.ends is not None] + [self.now])
        begins = [at for at, _ in self.labels] + [end]
        spans = {name: (begins[index], begins[index + 1]) for index, name in enumerate(names)}
        stretches = []
        for begin, end in [(Fraction(0), begins[0]), *(spans[name] for name in self.order)]:
            if stretches and stretches[-1][1] == begin:
                stretches[-1][1] = end
            elif begin < end:
                stretches.append([begin, end])
        return [[str(begin), str(end)] for begin, end in stretches]


# ---- MusicXML ----

class MusicXml:
    def __init__(self, data):
        self.notes, self.faults = [], []
        root = ElementTree.fromstring(unpacked(data))
        parts = partwise(root)
        lengths = []
        found = [self.part(part, lengths) for part in parts]
        self.starts = [Fraction(0)]
        for length, nominal in lengths:
            self.starts.append(self.starts[-1] + (length or nominal))
        for measure, at, length, key, grace in (note for notes in found for note in notes):
            self.notes.append((self.starts[measure] + at, length, key, grace))

    def answer(self):
        notes = [[str(start), str(length), key, grace] for start, length, key, grace in self.notes]
        return {"notes": notes, "bars": [str(bar) for bar in self.starts[:-1]], "faults": self.faults, "played": None}

    def part(self, measures, lengths):
        divisions, shift, nominal, found = Fraction(1), 0, Fraction(4), []
        for index, measure in enumerate(measures):
            at = last = longest = Fraction(0)
            for element in measure:
                duration = number(element.find("duration"), Fraction(0)) / divisions
                if element.tag == "attributes":
                    divisions = number(element.find("divisions"), divisions) or Fraction(1)
                    shift = transposition(element.find("transpose"), shift)
                    nominal = metre(element.find("time"), nominal)
                elif element.tag == "backup":
                    at = max(Fraction(0), at - duration)
                elif element.tag == "forward":
                    at += duration
                elif element.tag == "note":
                    grace = element.find("grace") is not None or duration == 0
                    length = Fraction(0) if grace else duration
                    start = last if element.find("chord") is not None else at
                    if element.find("chord") is None:
                        last, at = at, at + length
                    # A cue is a silent note.
                    silent = element.find("rest") is not None or element.find("cue") is not None
                    if not silent:
                        found.append((index, start, length, sounding(element, shift), grace))
                longest = max(longest, at)
            if index == len(lengths):
                lengths.append((longest, nominal))
            lengths[index] = (max(longest, lengths[index][0]), max(nominal, lengths[index][1]))
        return found


def unpacked(data):
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        path = next(one.get("full-path") for one in container.iter() if one.tag.endswith("rootfile"))
        return archive.read(path)


def partwise(root):
    """The measures of each part."""
    if root.tag == "score-partwise":
        return [part.findall("measure") for part in root.findall("part")]
    names = list(dict.fromkeys(part.get("id") for part in root.iter("part")))
    return [[part for measure in root.findall("measure") for part in measure.findall("part") if part.get("id") == name]
            for name in names]


def number(element, default):
    return default if element is None or not (element.text or "").strip() else Fraction(element.text.strip())


def transposition(element, shift):
    if element is None:
        return shift
    double = -12 if element.find("double") is not None else 0
    return int(number(element.find("chromatic"), 0)) + 12 * int(number(element.find("octave-change"), 0)) + double


def metre(element, nominal):
    if element is None or element.find("beats") is None:
        return nominal
    pairs = zip(element.findall("beats"), element.findall("beat-type"))
    return sum((Fraction(4 * sum(map(int, re.findall(r"\d+", beats.text))), int(unit.text)) for beats, unit in pairs), Fraction(0))


def sounding(note, shift):
    pitch = note.find("pitch")
    if pitch is None:
        return None
    alter = floor(number(pitch.find("alter"), Fraction(0)) + Fraction(1, 2))
    return 12 * (int(pitch.find("octave").text) + 1) + STEPS[pitch.find("step").text.strip().lower()] + alter + shift
