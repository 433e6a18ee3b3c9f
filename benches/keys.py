"""Keys that are heard in pieces against the keys that their files state, beside music21's.

python benches/keys.py ../shared/data [--cantus target/release/cantus] [--pieces 300] [--peer]

The labels: `*C:` and the like in kern files, `K:` of tunes with one key in major or minor, `key_audio.txt` of POP909 where a
song has one key. Half of all pieces are measured here, told by a hash of their names. Those of Essen's songs took no part in anything
that was chosen. The others are not held out: the weights were chosen on another half, so that about half of what is measured here
helped to choose them.
Told are accuracy and the weighted score of MIREX (mir_eval). Needs Python 3.11, mir_eval 0.8 and, for --peer, music21 10.
"""

import argparse
import collections
import hashlib
import json
import random
import re
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from mir_eval.key import weighted_score

NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def tonic(letter, signs):
    return (STEPS[letter.upper()] + signs.count("#") - signs.count("-") - signs.count("b")) % 12


def label(tonic, mode):
    return f"{NAMES[tonic]} {mode}"


def of_kern(text):
    found = re.search(r"(?:^|\t)\*([A-Ga-g])([#-]*):", text, re.M)
    return found and label(tonic(*found.groups()), "minor" if found[1].islower() else "major")


def of_tune(text):
    keys = {key.strip() for key in re.findall(r"(?m)(?:^|\[)K:\s*([^\]\n%]*)", text)}
    found = re.match(r"([A-G])([#b]?)\s*(.*)$", keys.pop()) if len(keys) == 1 else None
    mode = {"": "major", "maj": "major", "ion": "major", "m": "minor", "min": "minor", "aeo": "minor"}
    mode = found and mode.get(found[3].lower()[:3])
    return mode and label(tonic(found[1], found[2]), mode)


def of_song(text):
    keys = {line.split("\t")[2].strip() for line in text.splitlines()}
    found = re.match(r"([A-G])([#b]?):(maj|min)", keys.pop()) if len(keys) == 1 else None
    return found and label(tonic(found[1], found[2]), found[3] + "or")


def pieces(data, folder):
    """Every labelled piece as (collection, file, label); a tune is a file of its own."""
    for name in ["piano/polish_kern/kern.zip", "folk/tunebooks/abc.zip", "folk/essen_nc/abc.zip", "pop/pop909/midi.zip"]:
        zipfile.ZipFile(data / name).extractall(folder / name.split("/")[1])
    for name in ["multi/polish_kern/kern.tar.zst", "pop/pop909/annotations.tar.zst"]:
        target = folder / name.replace("/", "-")
        target.mkdir()
        subprocess.run(["tar", "--zstd", "-xf", str(data / name), "-C", str(target)], check=True)
    for collection in ["polish_kern", "multi-polish_kern-kern.tar.zst"]:
        for path in sorted((folder / collection).rglob("*.krn")):
            yield ("kern-multi" if "multi" in collection else "kern-piano"), path, of_kern(path.read_text(errors="ignore"))
    books = {
        "tunebooks": folder / "tunebooks",
        "nottingham": data / "folk/nottingham/ABC_cleaned",
        "essen": folder / "essen_nc",
    }
    for collection, books in books.items():
        (folder / "tunes").mkdir(exist_ok=True)
        for book in sorted(books.rglob("*.abc")):
            for number, text in enumerate(re.split(r"(?m)^(?=X:)", book.read_text(errors="ignore"))[1:]):
                path = folder / "tunes" / f"{collection}-{book.stem}-{number}.abc"
                path.write_text(text)
                yield collection, path, of_tune(text)
    for path in sorted((folder / "pop909").glob("*.mid")):
        annotation = folder / "pop-pop909-annotations.tar.zst" / path.stem / "key_audio.txt"
        yield "pop909", path, of_song(annotation.read_text())


def of_cantus(program, paths):
    found = {}
    for begin in range(0, len(paths), 200):
        lines = subprocess.run([program, "features", "--json", *map(str, paths[begin : begin + 200])], capture_output=True, text=True).stdout
        for line in map(json.loads, lines.splitlines()):
            key = line["features"]["key"]
            if key is not None:
                found[line["path"].split("#")[0]] = label(int(key) % 12, "minor" if key >= 12 else "major")
    return found


def of_music21(path):
    import music21

    try:
        key = music21.converter.parse(str(path)).analyze("key")
        return label(key.tonic.pitchClass, key.mode)
    except Exception:
        return None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--cantus", default="target/release/cantus")
    arguments.add_argument("--pieces", type=int, default=300)
    arguments.add_argument("--peer", action="store_true")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        is_measured = lambda path: hashlib.sha1(path.name.encode()).digest()[-1] % 2 == 1
        labelled = [piece for piece in pieces(arguments.data, Path(folder)) if piece[2] and is_measured(piece[1])]
        by_collection = collections.defaultdict(list)
        for piece in labelled:
            by_collection[piece[0]].append(piece)
        dice, each = random.Random(1), arguments.pieces // len(by_collection)
        sample = [piece for pieces in by_collection.values() for piece in dice.sample(pieces, min(each, len(pieces)))]
        ours = of_cantus(arguments.cantus, [path for _, path, _ in sample])
        programs = {"cantus": lambda path: ours.get(str(path))}
        if arguments.peer:
            theirs = {path: of_music21(path) for _, path, _ in sample}
            programs["music21"] = theirs.get
        for program, guess in programs.items():
            rows = collections.defaultdict(list)
            for collection, path, truth in sample:
                found = guess(path)
                row = (found == truth, weighted_score(truth, found) if found else 0.0)
                rows[collection].append(row)
                rows["all"].append(row)
            for collection, values in rows.items():
                count = len(values)
                accuracy, weighted = (sum(row[index] for row in values) / count for index in (0, 1))
                print(f"{program:8} {collection:12} {count:5} pieces  accuracy {accuracy:.3f}  MIREX {weighted:.3f}")


main()
