#!/usr/bin/env python3
"""Has other programs read what Cantus writes: MusicXML, kern, ABC and LilyPond.

    cargo build --release && cargo build --release -p cantus-score --example written
    python3 benches/written.py FILE|FOLDER|ARCHIVE… --python VENV/bin/python --sample 4

Samples of each path are converted to each format. LilyPond and abc2midi, where they are installed, turn theirs into MIDI,
music21 and partitura read MusicXML and kern, and MusicXML is held against its schema. README.md beside this file tells
more. The standard library is all that is needed; the interpreter of the peers must have music21, partitura and lxml.
"""
import argparse
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from bisect import bisect_left
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import agree

ENDINGS = (".mid", ".musicxml", ".xml", ".mxl", ".krn", ".abc")
# Two beginnings are one within so many quarter notes: MIDI rounds, and abc2midi strikes chords from below.
NEAR = 0.03


def arguments():
    parser = argparse.ArgumentParser(description="Has other programs read what Cantus writes.")
    parser.add_argument("paths", nargs="*", type=Path, help="files, folders and archives of music; each is a row")
    parser.add_argument("--cantus", default=agree.ROOT / "target/release/cantus", help="the program, built")
    parser.add_argument("--written", default=agree.ROOT / "target/release/examples/written", help="the example, built")
    parser.add_argument("--python", default="python3", help="an interpreter with music21, partitura and lxml")
    parser.add_argument("--schema", type=Path, help="musicxml.xsd (that of partitura, MusicXML 3.1, unless named)")
    parser.add_argument("--sample", type=int, default=4, metavar="N", help="from each path N files, evenly (4)")
    parser.add_argument("--bytes", type=int, default=0, metavar="N", help="leave out pieces whose MusicXML is larger")
    parser.add_argument("--seconds", type=int, default=300, metavar="N", help="what a peer may take for one file (300)")
    parser.add_argument("--only", default="musicxml,krn,abc,ly", help="formats, by their endings")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave what was written here")
    parser.add_argument("--validate", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


# ---- what is written ----

def members(path):
    """The names by which Cantus opens the music of a path."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [f"{path}!{name}" for name in archive.namelist() if name.lower().endswith(ENDINGS)]
    if path.name.endswith(".tar.zst"):
        listing = subprocess.run(["tar", "--zstd", "-tf", path], stdout=subprocess.PIPE, text=True, check=True).stdout
        return [f"{path}!{name}" for name in listing.splitlines() if name.lower().endswith(ENDINGS)]
    if path.is_dir():
        found = (one for one in path.rglob("*") if one.name.lower().endswith(ENDINGS + (".zip", ".tar.zst")))
        return [name for one in sorted(found) for name in (members(one) if one.suffix in (".zip", ".zst") else [str(one)])]
    return [str(path)]


def convert(args, name, path):
    done = subprocess.run([args.cantus, "convert", name, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if path.exists():
        return path
    # A book of tunes: its first stands for it.
    tunes = sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"))
    if not tunes:
        print(f"  not converted: {name}: {done.stderr.strip()[:200]}")
        return None
    tunes[0].rename(path)
    for other in tunes[1:]:
        other.unlink()
    return path


def written(args, folder):
    """For each path: the files that were written of its sample, by piece and format."""
    rows = {}
    for path in args.paths:
        row = rows.setdefault(path.parent.name if path.suffix in (".zip", ".zst") else path.stem, [])
        for name in agree.sampled(members(path), args.sample):
            stem = f"{len(rows)}-{len(row)}"
            files = {}
            for ending in ["musicxml", *args.only.split(",")]:
                if ending not in files and (made := convert(args, name, folder / f"{stem}.{ending}")):
                    files[ending] = made
            if "musicxml" in files and (not args.bytes or files["musicxml"].stat().st_size <= args.bytes):
                row.append((name, files))
    return rows


# ---- what peers make of it ----

def validate():
    """Under the peers' interpreter: holds files that are named on the input against a schema; a line for each."""
    import lxml.etree as etree
    import xmlschema
    schemas = Path(xmlschema.__file__).parent / "schemas"

    class Beside(etree.Resolver):
        def resolve(self, url, _, context):
            found = next(schemas.rglob(Path(url).name), None) if url.startswith("http") else None
            return self.resolve_filename(str(found), context) if found else None

    parser = etree.XMLParser(load_dtd=False, no_network=True)
    parser.resolvers.add(Beside())
    path = sys.stdin.readline().strip()
    if not path:
        import partitura
        path = str(Path(partitura.__file__).parent / "assets/musicxml.xsd")
    schema = etree.XMLSchema(etree.parse(path, parser))
    for line in sys.stdin:
        valid = schema.validate(etree.parse(line.rstrip("\n"), etree.XMLParser(load_dtd=False, no_network=True)))
        print("valid" if valid else str(schema.error_log[0])[:200].replace("\n", " "), flush=True)


def validated(args, files):
    names = "\n".join([str(args.schema or ""), *map(str, files)]) + "\n"
    done = subprocess.run([args.python, __file__, "--validate"], input=names, stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    return lines + ["not held against the schema"] * (len(files) - len(lines))


def midi_notes(path):
    """Beginnings in quarter notes and keys of a MIDI file, by a reader of twenty lines."""
    data = path.read_bytes()
    division, at, notes = struct.unpack(">H", data[12:14])[0], 14, []
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        at, end, time, status = at + 8, at + 8 + size, 0, 0
        while at < end:
            delta, at = number(data, at)
            time += delta
            if data[at] & 0x80:
                status, at = data[at], at + 1
            if status == 0xFF:
                at += 1
            if status in (0xF0, 0xF7, 0xFF):
                size, at = number(data, at)
                at += size
                continue
            if status & 0xF0 == 0x90 and data[at + 1]:
                notes.append((time / division, data[at]))
            at += 1 if status & 0xE0 == 0xC0 else 2
        at = end
    return notes


def number(data, at):
    value = 0
    while True:
        value, at = value << 7 | data[at] & 0x7F, at + 1
        if not data[at - 1] & 0x80:
            return value, at


def sounding(args, path, how):
    """What sounds of a written file, without grace notes: beginnings in quarter notes and keys."""
    done = subprocess.run([args.written, how, path], stdout=subprocess.PIPE, text=True, check=True)
    rows = (line.split("\t") for line in done.stdout.splitlines() if line.startswith("N"))
    return [(float(Fraction(row[1])), int(row[3])) for row in rows]


def found(ours, theirs):
    """How many of our notes are among theirs, each of which counts once."""
    by_key = defaultdict(list)
    for time, key in sorted(theirs):
        by_key[key].append(time)
    count = 0
    for time, key in sorted(ours):
        times = by_key[key]
        index = bisect_left(times, time - NEAR)
        if index < len(times) and times[index] <= time + NEAR:
            times.pop(index)
            count += 1
    return count


def by_lilypond(args, path):
    """Faults that LilyPond tells of, and the notes of its MIDI."""
    output = path.with_suffix("")
    try:
        done = subprocess.run(["lilypond", "-s", "--loglevel=WARN", "-o", output, path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=args.seconds)
    except subprocess.TimeoutExpired:
        return ["it takes too long"], []
    faults = [line for line in done.stdout.splitlines() if ("warning:" in line or "error:" in line) and "MIDI channel" not in line]
    made = next((one for one in [output.with_suffix(".midi"), output.with_suffix(".mid")] if one.exists()), None)
    return faults + ([] if made else ["no MIDI"]), midi_notes(made) if made else []


def by_abc2midi(args, path):
    output = path.with_suffix(".abc.mid")
    # It plays ornaments note by note and breaks chords, which we do not.
    plain = path.with_suffix(".plain.abc")
    text = re.sub(r"!(trill|mordent|turn|arpeggio|pralltriller|lowermordent|uppermordent)!", "", path.read_text())
    plain.write_text(re.sub(r"^(K:.*|V:\d+)$", r"\1\n%%MIDI chordattack 0", text, flags=re.MULTILINE))
    done = subprocess.run(["abc2midi", plain, "-NGRA", "-NGUI", "-NFER", "-o", output], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=args.seconds, errors="replace")
    lines = done.stdout.splitlines()
    faults = [line for line in lines if line.startswith(("Error", "Warning")) and not EXCUSED.search(line)]
    return faults + ([] if output.exists() else ["no MIDI"]), midi_notes(output) if output.exists() else []


# What abc2midi does not know and says so does not sound; bars that a repeat divides are incomplete; a tempo may be words.
EXCUSED = re.compile(r"instruction !(?!D|Fine|fine|da).*! ignored|Unrecognized|[Dd]ecoration|lyrics|time units while|malformed Q:|unequal notes|16 MIDI channels")


def read_by(args, peer, files):
    """What music21 or partitura read."""
    return agree.ask(peer, args.python, files, argparse.Namespace(keep=None, seconds=args.seconds))


class Row:
    """One line of the table."""

    def __init__(self, corpus, format, reader):
        self.names = (corpus, format, reader)
        self.files = self.accepted = self.same = self.notes = 0
        self.faults = []

    def add(self, name, faults, same=0, notes=0):
        self.files += 1
        self.accepted += not faults
        self.same += same
        self.notes += notes
        if faults or same < notes:
            self.faults.append(f"{name}: {faults[0][:160] if faults else ''} {same} of {notes} notes")

    def line(self):
        part = f"{100 * self.same / self.notes:.3f}" if self.notes else ""
        return f"| {' | '.join(self.names)} | {self.files} | {self.accepted} | {self.notes or ''} | {part} |"


def rows_of(args, corpus, pieces):
    rows = []
    formats = args.only.split(",")
    if "musicxml" in formats:
        row = Row(corpus, "MusicXML", "schema")
        verdicts = validated(args, [files["musicxml"] for _, files in pieces])
        for (name, _), verdict in zip(pieces, verdicts):
            row.add(name, [] if verdict == "valid" else [verdict])
        rows.append(row)
    ours = agree.ours(args.written, [(name, files["musicxml"]) for name, files in pieces])
    peers = [("MusicXML", "musicxml", "music21"), ("MusicXML", "musicxml", "partitura"), ("kern", "krn", "music21")]
    for format, ending, peer in peers:
        if ending not in formats:
            continue
        row = Row(corpus, format, peer)
        theirs = read_by(args, peer, [(name, files[ending]) for name, files in pieces if ending in files])
        for name, their in theirs.items():
            if "error" in their:
                row.add(name, [their["error"]])
                continue
            # partitura leaves transposing instruments as they are written in MusicXML; names of pieces have no ending here.
            mine = agree.as_they(ours[name], peer if ending == "musicxml" else "", "")
            if any(note[2] is None for note in mine["notes"]):
                # Only MusicXML tells drums from pitches.
                mine, their = ({**one, "notes": [[*note[:2], None, note[3]] for note in one["notes"]]} for one in (mine, their))
            (both, most), _, (bars, most_bars) = agree.agreement(mine, their)
            wrong = [] if ending != "musicxml" or bars == most_bars else [f"{bars} of {most_bars} bars"]
            row.add(name, wrong, both, most)
            if both < most:
                row.faults[-1] += f"; {agree.examples(mine, their)}"
        rows.append(row)
    for format, ending, program, how, by in [("ABC", "abc", "abc2midi", "--performed", by_abc2midi),
                                             ("LilyPond", "ly", "lilypond", "--sounding", by_lilypond)]:
        if ending not in formats or not shutil.which(program):
            continue
        row = Row(corpus, format, program)
        for name, files in pieces:
            if ending in files:
                (faults, theirs), mine = by(args, files[ending]), sounding(args, files["musicxml"], how)
                row.add(name, faults, found(mine, theirs), len(mine))
        rows.append(row)
    return rows


def main():
    args = arguments()
    if args.validate:
        return validate()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        table = []
        for corpus, pieces in written(args, folder).items():
            for row in rows_of(args, corpus, pieces):
                table.append(row.line())
                print(row.line(), *(f"    {fault}" for fault in row.faults), sep="\n", flush=True)
    head = ["| corpus | format | read by | files | accepted | notes | come back % |", "|---|---|---|---|---|---|---|"]
    print(*["", *head, *table], sep="\n")


if __name__ == "__main__":
    main()
