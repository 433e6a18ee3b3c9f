"""Chords that are heard from beat to beat against chord symbols, by mir_eval's weighted overlap.

python benches/chords.py ../shared/data [--cantus target/release/cantus] [--pieces 60]

POP909: `chord_midi.txt` of each song. Nottingham: the chord symbols of each tune in the order in which it is played, against
its MIDI file with melody and accompaniment, and with the melody alone; tunes whose lengths differ are left out. Songs with a
number of remainder 0 by 12 and tunes of remainder 2 by 3 are measured, which did not choose the weights.
Needs Python 3.11 and mir_eval 0.8.
"""

import argparse
import json
import re
import subprocess
import tempfile
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

import mir_eval
import numpy as np

KINDS = {
    "major": "maj", "minor": "min", "dominant": "7", "major-seventh": "maj7", "minor-seventh": "min7", "diminished": "dim",
    "augmented": "aug", "diminished-seventh": "dim7", "half-diminished": "hdim7", "major-sixth": "maj6", "minor-sixth": "min6",
    "suspended-fourth": "sus4", "suspended-second": "sus2", "dominant-ninth": "9", "major-minor": "minmaj7",
}
MEASURES = ["root", "majmin", "thirds", "triads", "sevenths", "mirex"]
PITCHES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
DEGREES = ["1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7"]


def pitch(name):
    return PITCHES[name[0]] + name.count("#") - name.count("b")


def harte(name):
    """`C:maj/E` with the bass as a degree, as mir_eval wants it."""
    if name is None:
        return "N"
    chord, _, bass = name.partition("/")
    return f"{chord}/{DEGREES[(pitch(bass) - pitch(chord.split(':')[0])) % 12]}" if bass else chord


def heard(program, paths):
    lines = subprocess.run([program, "features", "--json", *map(str, paths)], capture_output=True, text=True).stdout
    for line in map(json.loads, lines.splitlines()):
        chords = [(chord["begin"], chord["end"], harte(chord["name"]), chord["to"]) for chord in line["chords"]]
        yield line["path"], chords


def symbols(program, tune, folder):
    """The chord symbols of a tune as played: (quarter, label), and its length in quarters."""
    path = folder / "tune.musicxml"
    subprocess.run([program, "convert", "--performed", tune, path], capture_output=True, check=True)
    part, at, divisions, found = xml.parse(path).getroot().find("part"), 0.0, 1, []
    for measure in part:
        begin, here, reached = at, at, at
        for element in measure:
            divisions = float(element.findtext("divisions", divisions))
            length = float(element.findtext("duration", 0)) / divisions
            if element.tag == "harmony":
                alter = int(float(element.findtext("root/root-alter", "0")))
                kind = KINDS.get(element.findtext("kind"))
                root = element.findtext("root/root-step") + ("#" * alter if alter > 0 else "b" * -alter)
                found.append((here + float(element.findtext("offset", 0)) / divisions, f"{root}:{kind}" if kind else "X"))
            elif element.tag == "note" and element.find("chord") is None and element.find("grace") is None:
                here += length
            elif element.tag == "backup":
                here -= length
            elif element.tag == "forward":
                here += length
            reached = max(reached, here)
        at = reached
        del begin
    return found, at


def score(reference, estimate):
    """Seconds that agree, and seconds that count, for each measure."""
    intervals, labels = np.array([[row[0], row[1]] for row in reference]), [row[2] for row in reference]
    own, names = np.array([[row[0], row[1]] for row in estimate]), [row[2] for row in estimate]
    own, names = mir_eval.util.adjust_intervals(own, names, intervals.min(), intervals.max(), "N", "N")
    joined, labels, names = mir_eval.util.merge_labeled_intervals(intervals, labels, own, names)
    lengths = mir_eval.util.intervals_to_durations(joined)
    sums = []
    for measure in MEASURES:
        agree = getattr(mir_eval.chord, measure)(labels, names)
        counts = agree >= 0
        sums.append(((agree[counts] * lengths[counts]).sum(), lengths[counts].sum()))
    return np.array(sums)


def tell(name, sums, count):
    shares = sums[:, 0] / sums[:, 1]
    print(f"{name:22} {count:4} pieces  " + "  ".join(f"{measure} {share:.3f}" for measure, share in zip(MEASURES, shares)))


def songs(data, folder, program, most):
    zipfile.ZipFile(data / "pop/pop909/midi.zip").extractall(folder)
    subprocess.run(["tar", "--zstd", "-xf", str(data / "pop/pop909/annotations.tar.zst"), "-C", str(folder)], check=True)
    paths = [path for path in sorted(folder.rglob("*.mid")) if int(path.stem) % 12 == 0][:most]
    sums, count = np.zeros((len(MEASURES), 2)), 0
    for path, chords in heard(program, paths):
        lines = (folder / Path(path).stem / "chord_midi.txt").read_text().splitlines()
        rows = [line.split("\t") for line in lines]
        sums += score([(float(begin), float(end), label) for begin, end, label in rows if float(end) > float(begin)], chords)
        count += 1
    tell("POP909", sums, count)


def tunes(data, folder, program, most, kind):
    zipfile.ZipFile(data / "folk/nottingham/midi.zip").extractall(folder)
    sums, count = np.zeros((len(MEASURES), 2)), 0
    for book in sorted((data / "folk/nottingham/ABC_cleaned").glob("*.abc")):
        numbers = re.findall(r"(?m)^X:\s*(\d+)", book.read_text())
        for place, number in enumerate(numbers):
            path = folder / kind / f"{book.stem}{place + 1}.mid"
            if place % 3 != 2 or count >= most or not path.exists():
                continue
            found, length = symbols(program, f"{book}#{number}", folder)
            [(_, chords)] = heard(program, [path])
            if len(found) < 3 or not chords or abs(chords[-1][3] - length) > 1.5:
                continue
            # Quarters become seconds as in the MIDI file, whose tempo does not change.
            second = chords[-1][1] / chords[-1][3]
            ends = [at for at, _ in found[1:]] + [length]
            rows = [(at * second, end * second, label) for (at, label), end in zip(found, ends) if end > at]
            sums += score(rows, chords)
            count += 1
    tell(f"Nottingham {kind}", sums, count)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--cantus", default="target/release/cantus")
    arguments.add_argument("--pieces", type=int, default=60)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        songs(arguments.data, folder / "pop", arguments.cantus, arguments.pieces)
        for kind in ["combined", "melody"]:
            tunes(arguments.data, folder / "nottingham", arguments.cantus, arguments.pieces, kind)


main()
