#!/usr/bin/env python3
"""Holds what Cantus reads of written music against what music21 and partitura read of the same files.

    cargo build --release -p cantus-score --example written
    python3 benches/agree.py FILE|FOLDER|ARCHIVE… --peer music21=VENV/bin/python --peer partitura=VENV/bin/python

Notes are compared as they are written, each bar once and ties unjoined: beginning and length in quarter notes, key of the
keyboard, whether it is a grace note; and where bars begin. A referee, the plain count of `referee.py`, is asked as well;
it tells of each file on which a peer differs what the peer did. README.md beside this file tells more. The standard library
is all that is needed; the peers' interpreters must have their libraries.
"""
import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import redirect_stdout
from fractions import Fraction
from pathlib import Path

import referee

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = (".musicxml", ".xml", ".mxl", ".krn")


def arguments():
    parser = argparse.ArgumentParser(description="Holds what Cantus reads against what its peers read.")
    parser.add_argument("paths", nargs="*", type=Path, help="files, folders and ZIP archives of MusicXML or kern")
    parser.add_argument("--written", default=ROOT / "target/release/examples/written", help="the example, built")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="music21 or partitura, and an interpreter")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="from each folder or archive N files, evenly")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what peers read here, and take it from there")
    parser.add_argument("--bytes", type=int, default=0, metavar="N", help="leave out larger files")
    parser.add_argument("--worst", type=int, default=20, metavar="N", help="how many files to list (20)")
    parser.add_argument("--seconds", type=int, default=600, metavar="N", help="what a peer may take for one file (600)")
    parser.add_argument("--dump", metavar="PEER", help=argparse.SUPPRESS)
    return parser.parse_args()


# ---- what peers read; runs under their interpreters ----

def of_music21(path):
    from music21 import chord, converter, harmony, note
    kind = "humdrum" if path.endswith(".krn") else "musicxml"
    score = converter.parse(path, forceSource=True, format=kind)
    score = getattr(score, "scores", [score])[0] if type(score).__name__ == "Opus" else score
    try:
        score = score.toSoundingPitch(inPlace=False)
    except Exception:  # where it cannot, pitches stay as they are written
        pass
    notes, bars = [], []
    for part in score.parts or [score]:
        for one in part.flatten().notes:
            if isinstance(one, harmony.Harmony):
                continue
            for single in one.notes if isinstance(one, chord.ChordBase) else [one]:
                key = int(single.pitch.midi) if isinstance(single, note.Note) else None
                grace = bool(one.duration.isGrace)
                notes.append([fraction(one.offset), fraction(0 if grace else one.duration.quarterLength), key, grace])
        bars.append({fraction(measure.offset) for measure in part.getElementsByClass("Measure")})
    return notes, common(bars)


def of_partitura(path):
    import partitura
    score = partitura.load_kern(path) if path.endswith(".krn") else partitura.load_musicxml(path)
    notes, bars = [], []
    for part in score.parts:
        quarters = part.quarter_map
        zero = float(quarters(part.first_point.t))
        at = lambda point: fraction(float(quarters(point.t)) - zero)
        for one in part.notes:
            grace = isinstance(one, partitura.score.GraceNote)
            length = 0 if grace else float(quarters(one.end.t)) - float(quarters(one.start.t))
            notes.append([at(one.start), fraction(length), int(one.midi_pitch), grace])
        for one in part.iter_all(partitura.score.UnpitchedNote):
            length = float(quarters(one.end.t)) - float(quarters(one.start.t))
            notes.append([at(one.start), fraction(length), None, False])
        bars.append({at(measure.start) for measure in part.measures})
    return notes, common(bars)


def common(bars):
    """Where at least half of the parts begin a bar: some peers lose their way in single parts."""
    counts = Counter(bar for of_part in bars for bar in of_part)
    return sorted(bar for bar, count in counts.items() if 2 * count >= len(bars))


def fraction(number):
    """A time as a text; nearest to what notation writes."""
    return str(Fraction(number).limit_denominator(20160))


def dump(peer):
    """Reads the files that are named on the input and prints a JSON line for each."""
    import warnings
    warnings.simplefilter("ignore")
    read = {"music21": of_music21, "partitura": of_partitura}[peer]
    for line in sys.stdin:
        path, begin = line.rstrip("\n"), time.perf_counter()
        try:
            with redirect_stdout(io.StringIO()):
                notes, bars = read(path)
            found = {"notes": notes, "bars": bars}
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps({**found, "seconds": time.perf_counter() - begin}), flush=True)


def ask(peer, python, files, args):
    """What a peer reads of each file."""
    answers, process = {}, None
    for name, path in files:
        kept = args.keep / peer / (name.replace("/", "!") + ".json") if args.keep else None
        if kept and kept.exists():
            answers[name] = json.loads(kept.read_text())
            continue
        if process is None:
            process = subprocess.Popen(["timeout", str(len(files) * args.seconds), python, __file__, "--dump", peer],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        answers[name] = json.loads(line) if line else {"error": "it died"}
        if not line:
            process = None
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(answers[name]))
    if process is not None:
        process.stdin.close()
        process.wait()
    return answers


# ---- what Cantus reads, and how it compares ----

def ours(written, files):
    """What Cantus reads of each file, by name."""
    names, answers = {str(path): name for name, path in files}, {}
    for begin in range(0, len(files), 50):
        command = [str(written), *(str(path) for _, path in files[begin:begin + 50])]
        for line in subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines():
            kind, *rest = line.split("\t")
            if kind == "F":
                current = answers[names[rest[0]]] = {"notes": [], "bars": [], "played": [], "warnings": []}
                if rest[1].startswith("!"):
                    current["error"] = rest[1]
            elif kind == "N":
                start, length, key, written_key, grace = rest
                length = "0" if grace == "1" else length
                keys = [None if one == "-" else int(one) for one in (key, written_key)]
                current["notes"].append([start, length, *keys, grace == "1"])
            elif kind == "B":
                current["bars"].append(rest[0])
            elif kind == "P":
                current["played"].append(rest)
            else:
                current["warnings"].append(rest[0])
    return answers


def counted(files):
    """What the referee reads of each file."""
    answers = {}
    for name, path in files:
        try:
            answers[name] = referee.read(path)
        except Exception as error:
            answers[name] = {"error": f"{type(error).__name__}: {error}"[:200]}
    return answers


def time_of(text):
    """Our ticks are at most 32,767 to a quarter note, so that a 29th of one is rounded; the nearest plain fraction is taken."""
    return Fraction(text).limit_denominator(200)


def as_they(our, peer, name):
    """Our notes as a peer tells of them: partitura leaves the notes of MusicXML as they are written for the instrument."""
    written = peer == "partitura" and not name.endswith(".krn")
    notes = [[start, length, written_key if written else key, grace] for start, length, key, written_key, grace in our["notes"]]
    return {**our, "notes": notes}


def tally(answer):
    """Notes, beginnings of notes, and bars of an answer, counted. A bar after the last note is nothing but a bar line."""
    notes = Counter((time_of(start), time_of(length), key, grace) for start, length, key, grace in answer["notes"])
    onsets = Counter()
    for (start, _, key, _), count in notes.items():
        onsets[start, key] += count
    end = max((start + length for start, length, _, _ in notes), default=0)
    bars = {bar for bar in map(time_of, answer["bars"]) if bar < end}
    return notes, onsets, Counter(bars)


def agreement(our, their):
    """For notes, onsets and bars: how many both have, and how many the one that has more has."""
    pairs = zip(tally(our), tally(their))
    return [((a & b).total(), max(a.total(), b.total())) for a, b in pairs]


def examples(our, their):
    """A few of what only one side has."""
    a, b = tally(our), tally(their)
    show = lambda counter: [" ".join(map(str, one)) if isinstance(one, tuple) else str(one)
                            for one in sorted(counter, key=str)[:3]]
    return f"ours {show(a[0] - b[0])} theirs {show(b[0] - a[0])} bars ours {show(a[2] - b[2])} theirs {show(b[2] - a[2])}"


def report(peer, answers, our, worst):
    sums, rows, failed = [[0, 0] for _ in range(3)], [], []
    for name, their in answers.items():
        if "error" in their or "error" in our[name]:
            failed.append(f"{name}: {peer}: {their.get('error', 'read')}; cantus: {our[name].get('error', 'read')}")
            continue
        mine = as_they(our[name], peer, name)
        result = agreement(mine, their)
        for total, (both, most) in zip(sums, result):
            total[0] += both
            total[1] += most
        if any(both < most for both, most in result):
            rows.append((min(both / max(most, 1) for both, most in result), name, result, examples(mine, their)))
    print(f"\n{peer}: {len(answers) - len(failed)} files compared, {len(answers) - len(failed) - len(rows)} the same; {percents(sums)}")
    for line in failed:
        print(f"  not compared: {line}")
    for _, name, result, more in sorted(rows)[:worst]:
        print(f"  {name}: notes {result[0]}, onsets {result[1]}, bars {result[2]}\n    {more}")


def percents(sums):
    return ", ".join(f"{what} {100 * both / max(most, 1):.3f} % of {most}"
                     for what, (both, most) in zip(("notes", "onsets", "bars"), sums))


def best(all_answers, our):
    """How much of each file agrees with the one that agrees most."""
    sums, low = [[0, 0] for _ in range(3)], []
    for name in our:
        fair = [(peer, answers[name]) for peer, answers in all_answers.items() if "error" not in answers[name]]
        if "error" in our[name] or not fair:
            continue
        pairs = [agreement(as_they(our[name], peer, name), their) for peer, their in fair]
        most = max(pairs, key=lambda pair: sum(both / max(most, 1) for both, most in pair))
        for total, pair in zip(sums, most):
            total[0] += pair[0]
            total[1] += pair[1]
        if under(most):
            low.append(f"{name}: {most}")
    print(f"\nthe one of {', '.join(all_answers)} that agrees most, file by file: {percents(sums)}; under 99 % with all: {len(low)}")
    for line in low:
        print(f"  {line}")


def under(pairs):
    return any(both * 100 < most * 99 for both, most in pairs)


def causes(peer, answers, our, plain):
    """What a peer did on each file of which less than 99 % agrees, told by the referee where that counts as Cantus does."""
    print(f"\n{peer}, file by file under 99 %:")
    kinds = Counter()
    for name, their in answers.items():
        if "error" in our[name]:
            continue
        if "error" not in their and not under(agreement(as_they(our[name], peer, name), their)):
            continue
        kind, more = cause(as_they(our[name], peer, name), their, plain[name], our[name])
        kinds[kind] += 1
        print(f"  {name}: {kind}; {more}")
    for kind, count in kinds.most_common():
        print(f"  {count} x {kind}")


def cause(mine, their, plain, our):
    if "error" in their:
        return "it fails", their["error"]
    fair = "error" not in plain and not under(agreement(as_they(our, "plain", ""), plain))
    judge = "the referee counts as Cantus does" if fair else "the referee does not count as Cantus does"
    keys = lambda answer: Counter(note[-2] for note in answer["notes"])
    fewer, more = keys(mine) - keys(their), keys(their) - keys(mine)
    a, b = tally(mine), tally(their)
    apart = list((a[1] - b[1])) + list((b[1] - a[1]))
    since = f"from quarter {float(min((one[0] for one in apart), default=0)):g} on; {judge}"
    if fewer.total() * 100 > sum(keys(mine).values()):
        return "it leaves out notes", f"{fewer.total()} of {len(mine['notes'])}, {since}"
    if more.total() * 100 > sum(keys(mine).values()):
        return "it has more notes", f"{more.total()} besides {len(mine['notes'])}, {since}"
    if apart and under(agreement(mine, their)[1:2]):
        return "it has the notes at other times", since
    if under(agreement(mine, their)[:1]):
        return "it has other lengths", judge
    return "it has other bars", judge


def orders(our, plain):
    """Whether sections are played as files list them."""
    listed = {name: one["played"] for name, one in plain.items() if one.get("played")}
    same = lambda name: [[time_of(at) for at in pair] for pair in our[name]["played"]] == [[time_of(at) for at in pair] for pair in listed[name]]
    other = [name for name in listed if not same(name)]
    print(f"\nsections in a listed order: {len(listed)} files, {len(listed) - len(other)} played so")
    for name in other:
        print(f"  not: {name}: {our[name]['played'][:6]}, listed {listed[name][:6]}")


def listed(args, folder):
    """The files to read, by name; members of archives are unpacked into a folder."""
    files = []
    for path in args.paths:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found = sampled([name for name in archive.namelist() if name.endswith(ENDINGS)], args.sample)
                files += [(f"{path.parent.name}/{name}", Path(archive.extract(name, folder / path.parent.name))) for name in found]
        elif path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.suffix in ENDINGS)
            files += [(str(one.relative_to(path.parent)), one) for one in sampled(found, args.sample)]
        else:
            files.append((path.name, path))
    return [(name, path) for name, path in files if not args.bytes or os.path.getsize(path) <= args.bytes]


def sampled(names, count):
    step = max(1, len(names) // count) if count else 1
    return names[::step][:count or None]


def main():
    args = arguments()
    if args.dump:
        return dump(args.dump)
    with tempfile.TemporaryDirectory() as folder:
        files = listed(args, Path(folder))
        our = ours(args.written, files)
        plain, all_answers = counted(files), {}
        report("referee", plain, our, args.worst)
        orders(our, plain)
        for peer in args.peer:
            name, _, python = peer.partition("=")
            all_answers[name] = ask(name, python or "python3", files, args)
            report(name, all_answers[name], our, args.worst)
            causes(name, all_answers[name], our, plain)
        if len(all_answers) > 1:
            best(all_answers, our)
        if all_answers:
            best({**all_answers, "referee": plain}, our)


if __name__ == "__main__":
    main()
