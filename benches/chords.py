"""Chords that are heard from beat to beat against chord symbols, by mir_eval's weighted overlap.

python benches/chords.py ../shared/data [--cantus target/release/cantus] [--pieces 60] [--sound]

POP909: `chord_midi.txt` of each song. Nottingham: the chord symbols of each tune in the order in which it is played, against
its MIDI file with melody and accompaniment, and with the melody alone; tunes whose lengths differ are left out. Songs with a
number of remainder 0 by 12 and tunes of remainder 2 by 3 are measured, which did not choose the weights.
With --sound they are heard in the first 90 s of each file as `cantus render` plays it, beside a plain matcher: of every half
second the triad whose template is nearest to the mean of librosa's chroma_cqt.
Needs Python 3.11 and mir_eval 0.8; with --sound librosa 0.11.
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


SECONDS = 90.0


def heard_in_sound(program, path, folder):
    """The chords of a file's sound, as Cantus hears them and as templates do."""
    sound = folder / "played.wav"
    subprocess.run([program, "render", path, "-o", sound], capture_output=True, check=True)
    line = subprocess.run([program, "features", "--json", "--only", "sound_chord", sound], capture_output=True, check=True)
    own = [(chord["begin"], chord["end"], chord["name"] or "N") for chord in json.loads(line.stdout)["chords"]]
    return own, by_templates(sound)


def by_templates(sound):
    import librosa

    samples, rate = librosa.load(sound, sr=22050, mono=True)
    chroma = librosa.feature.chroma_cqt(y=samples, sr=rate)
    names = [f"{name}:{mode}" for mode in ("maj", "min") for name in "C C# D D# E F F# G G# A A# B".split()]
    triads = np.zeros((24, 12))
    for state in range(24):
        triads[state, [(state + above) % 12 for above in (0, 4 if state < 12 else 3, 7)]] = 1
    block = 22
    rows = []
    for begin in range(0, chroma.shape[1], block):
        mean = chroma[:, begin:begin + block].mean(axis=1)
        second, end = (frame * 512 / rate for frame in (begin, min(begin + block, chroma.shape[1])))
        rows.append((second, end, names[int((triads @ mean).argmax())]))
    return rows


def clipped(rows):
    """Those of the first part, the last cut at its end."""
    return [(row[0], min(row[1], SECONDS), *row[2:]) for row in rows if row[0] < SECONDS]


class Tally:
    """Sums over the pieces, of Cantus and of templates."""

    def __init__(self, is_sound):
        self.is_sound, self.count = is_sound, 0
        self.sums = [np.zeros((len(MEASURES), 2)) for _ in range(2 if is_sound else 1)]

    def add(self, program, path, folder, known, chords):
        estimates = [chords]
        if self.is_sound:
            known = clipped(known)
            estimates = [clipped(rows) for rows in heard_in_sound(program, path, folder)]
        for index, estimate in enumerate(estimates):
            self.sums[index] += score(known, estimate)
        self.count += 1

    def tell(self, name):
        for label, sums in zip(["", " templates"], self.sums):
            tell(name + label, sums, self.count)


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
    print(f"{name:30} {count:4} pieces  " + "  ".join(f"{measure} {share:.3f}" for measure, share in zip(MEASURES, shares)))


def songs(data, folder, program, most, is_sound):
    zipfile.ZipFile(data / "pop/pop909/midi.zip").extractall(folder)
    subprocess.run(["tar", "--zstd", "-xf", str(data / "pop/pop909/annotations.tar.zst"), "-C", str(folder)], check=True)
    paths = [path for path in sorted(folder.rglob("*.mid")) if int(path.stem) % 12 == 0][:most]
    tally = Tally(is_sound)
    for path, chords in heard(program, paths):
        lines = (folder / Path(path).stem / "chord_midi.txt").read_text().splitlines()
        rows = [line.split("\t") for line in lines]
        known = [(float(begin), float(end), label) for begin, end, label in rows if float(end) > float(begin)]
        tally.add(program, path, folder, known, chords)
    tally.tell("POP909")


def tunes(data, folder, program, most, kind, is_sound):
    zipfile.ZipFile(data / "folk/nottingham/midi.zip").extractall(folder)
    tally = Tally(is_sound)
    for book in sorted((data / "folk/nottingham/ABC_cleaned").glob("*.abc")):
        numbers = re.findall(r"(?m)^X:\s*(\d+)", book.read_text())
        for place, number in enumerate(numbers):
            path = folder / kind / f"{book.stem}{place + 1}.mid"
            if place % 3 != 2 or tally.count >= most or not path.exists():
                continue
            found, length = symbols(program, f"{book}#{number}", folder)
            [(_, chords)] = heard(program, [path])
            if len(found) < 3 or not chords or abs(chords[-1][3] - length) > 1.5:
                continue
            # Quarters become seconds as in the MIDI file, whose tempo does not change.
            second = chords[-1][1] / chords[-1][3]
            ends = [at for at, _ in found[1:]] + [length]
            rows = [(at * second, end * second, label) for (at, label), end in zip(found, ends) if end > at]
            tally.add(program, path, folder, rows, chords)
    tally.tell(f"Nottingham {kind}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--cantus", default="target/release/cantus")
    arguments.add_argument("--pieces", type=int, default=60)
    arguments.add_argument("--sound", action="store_true")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        songs(arguments.data, folder / "pop", arguments.cantus, arguments.pieces, arguments.sound)
        for kind in ["combined", "melody"]:
            tunes(arguments.data, folder / "nottingham", arguments.cantus, arguments.pieces, kind, arguments.sound)


main()
