#!/usr/bin/env python3
"""Puts POP909 on its annotated beats, for the comparison of three styles in docs/phrases.md.

    VENV/bin/python benches/three_styles.py ../shared/data/pop/pop909 runs/pop

POP909's MIDI files have bars that say nothing (1/4); its annotations tell beats and downbeats. Each song is written again in
4/4, a beat a quarter, from its first downbeat, with its own three tracks; songs whose downbeats do not lie four beats apart
are left out. Needs mido, and tar with zstd.
"""

import argparse
import io
import subprocess
import zipfile
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path
from statistics import median

import mido

TICKS = 480


def annotated_beats(archive: Path) -> dict[str, list[list[float]]]:
    """Of each song its beats: seconds, and two marks of downbeats."""
    names = subprocess.run(["tar", "--zstd", "-tf", archive], capture_output=True, text=True, check=True).stdout.split()
    beats = {}
    for name in names:
        if name.endswith("beat_midi.txt"):
            text = subprocess.run(["tar", "--zstd", "-xOf", archive, name], capture_output=True, text=True, check=True).stdout
            beats[Path(name).parent.name] = [[float(word) for word in line.split()] for line in text.splitlines() if line.strip()]
    return beats


def first_downbeat(beats: list[list[float]]) -> int | None:
    """Where bars begin, if they have four beats."""
    for mark in (2, 1):
        down = [at for at, beat in enumerate(beats) if beat[mark] > 0]
        if len(down) >= 4 and median(after - at for at, after in zip(down, down[1:])) == 4:
            return down[0] % 4
    return None


def on_beats(song: mido.MidiFile, beats: list[list[float]], first: int) -> mido.MidiFile:
    """The song with a beat a quarter, on sixteenths."""
    tempo = next((event.tempo for event in song.tracks[0] if event.type == "set_tempo"), 500_000)
    seconds = tempo / 1e6 / song.ticks_per_beat
    times = [beat[0] for beat in beats]

    def sixteenth(tick: int) -> int:
        at = min(max(bisect_right(times, tick * seconds) - 1, 0), len(times) - 2)
        return round(4 * (at + (tick * seconds - times[at]) / (times[at + 1] - times[at]))) - 4 * first

    written = mido.MidiFile(ticks_per_beat=TICKS)
    head = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4),
                           mido.MetaMessage("set_tempo", tempo=round(median(b - a for a, b in zip(times, times[1:])) * 1e6))])
    written.tracks.append(head)
    for track in song.tracks:
        events, sounding, now = [], defaultdict(list), 0
        for event in track:
            now += event.time
            if event.type == "note_on" and event.velocity > 0:
                sounding[event.note].append((now, event.velocity))
            elif event.type in ("note_on", "note_off") and sounding[event.note]:
                begin, velocity = sounding[event.note].pop(0)
                begin, end = sixteenth(begin), sixteenth(now)
                if begin >= 0:
                    events += [(begin, 1, event.note, velocity), (max(end, begin + 1), 0, event.note, 0)]
        if not events:
            continue
        out = mido.MidiTrack([mido.MetaMessage("track_name", name=track.name)])
        last = 0
        for at, is_on, note, velocity in sorted(events):
            tick = at * TICKS // 4
            out.append(mido.Message("note_on" if is_on else "note_off", note=note, velocity=velocity, time=tick - last))
            last = tick
        written.tracks.append(out)
    return written


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pop909", type=Path, help="folder of midi.zip and annotations.tar.zst")
    arguments.add_argument("out", type=Path, help="folder for the songs")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    beats = annotated_beats(given.pop909 / "annotations.tar.zst")
    left_out = 0
    with zipfile.ZipFile(given.pop909 / "midi.zip") as songs:
        for name in sorted(songs.namelist()):
            if not name.endswith(".mid"):
                continue
            annotated = beats.get(Path(name).stem, [])
            first = first_downbeat(annotated) if len(annotated) >= 16 else None
            if first is None:
                left_out += 1
                continue
            song = mido.MidiFile(file=io.BytesIO(songs.read(name)))
            on_beats(song, annotated, first).save(given.out / Path(name).name)
    print(f"{len(list(given.out.glob('*.mid')))} songs written, {left_out} left out")


if __name__ == "__main__":
    main()
