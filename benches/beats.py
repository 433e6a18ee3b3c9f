#!/usr/bin/env python3
"""Holds the beats that Cantus and librosa hear in rendered MIDI files against those that the files' tempo maps state.

    cargo build --release && cargo build --release -p cantus-features --example beats
    VENV/bin/python benches/beats.py FOLDER [FOLDER ...] --count 20

Takes MIDI files (also in .zip archives) of each folder in turn, renders the first 30 s with `cantus render`, and prints the
F-measure (70 ms, the first 5 s left out, as mir_eval does) of both. Needs librosa, mir_eval and pretty_midi.
"""
import argparse
import io
import json
import random
import subprocess
import tempfile
import warnings
import zipfile
from pathlib import Path

import librosa
import mir_eval
import numpy as np
import pretty_midi

ROOT = Path(__file__).resolve().parent.parent
SECONDS, LEAST_BEATS = 30.0, 12


def files(folder):
    """The MIDI files under a folder, by name, in an order that is always the same."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() in (".mid", ".midi"):
            found.append((path.name, path.read_bytes()))
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                names = sorted(name for name in archive.namelist() if name.lower().endswith((".mid", ".midi")))
                found += [(name, archive.read(name)) for name in names]
    random.Random(7).shuffle(found)
    return found


def stated(data):
    """The beats of the first half minute, or none where there are too few."""
    try:
        midi = pretty_midi.PrettyMIDI(io.BytesIO(data))
    except (OSError, ValueError, KeyError, IndexError, EOFError):
        return None
    end = min(SECONDS, midi.get_end_time())
    beats = midi.get_beats()
    beats = beats[beats < end]
    return beats if end >= SECONDS / 2 and len(beats) >= LEAST_BEATS else None


def render(program, data, folder):
    """The sound of a file: one channel at 22,050 Hz."""
    score, sound, raw = folder / "a.mid", folder / "a.wav", folder / "a.f32"
    score.write_bytes(data)
    subprocess.run([program, "render", score, "-o", sound], check=True, capture_output=True)
    samples, _ = librosa.load(sound, sr=22050, mono=True, duration=SECONDS)
    samples.astype("<f4").tofile(raw)
    return samples, raw


def score(beats, known):
    trim = mir_eval.beat.trim_beats
    return mir_eval.beat.f_measure(trim(np.asarray(known)), trim(np.asarray(beats, dtype=float)))


def main():
    parser = argparse.ArgumentParser(description="Beats of rendered MIDI files: Cantus beside librosa.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=20, help="how many files (20)")
    parser.add_argument("--cantus", default=ROOT / "target/release/cantus")
    parser.add_argument("--beats", default=ROOT / "target/release/examples/beats")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    queues, results = [files(folder) for folder in args.folders], []
    with tempfile.TemporaryDirectory() as folder:
        while len(results) < args.count and any(queues):
            for queue in queues:
                known = name = None
                while queue and known is None:
                    name, data = queue.pop()
                    known = stated(data)
                if known is None or len(results) >= args.count:
                    continue
                samples, raw = render(args.cantus, data, Path(folder))
                ours = json.loads(subprocess.run([args.beats, raw], check=True, capture_output=True).stdout)
                _, theirs = librosa.beat.beat_track(y=samples, sr=22050, units="time")
                results.append((score(ours["beats"], known), score(theirs, known)))
                print(f"{results[-1][0]:.3f}  {results[-1][1]:.3f}  {name}", flush=True)
    means = np.mean(results, axis=0)
    print(f"{means[0]:.3f}  {means[1]:.3f}  mean F-measure of {len(results)} files: cantus, librosa")


main()
