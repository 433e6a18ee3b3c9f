"""MusPy's metrics of real MIDI files beside ours.

python benches/metrics.py FILE.mid… [--cantus target/release/cantus]

Tells for each metric how many files agree to 1e-9, and the first that do not. Needs Python 3.11 and MusPy 0.5. A file that
one of the two readers forgives a fault in can differ; so does one with more than one metre, for which MusPy has no bars.
"""

import argparse
import collections
import json
import math
import subprocess

import muspy

PLAIN = (
    "pitch_range n_pitches_used n_pitch_classes_used polyphony polyphony_rate scale_consistency pitch_entropy "
    "pitch_class_entropy empty_beat_rate drum_pattern_consistency"
).split()


def of_muspy(path, key):
    music = muspy.read_midi(path)
    found = {name: getattr(muspy, name)(music) for name in PLAIN}
    signature = music.time_signatures[0] if music.time_signatures else None
    beats, unit = (signature.numerator, signature.denominator) if signature else (4, 4)
    measure = music.resolution * 4 * beats // unit
    found["empty_measure_rate"] = muspy.empty_measure_rate(music, measure)
    found["groove_consistency"] = muspy.groove_consistency(music, measure)
    found["drum_in_duple_rate"] = muspy.drum_in_pattern_rate(music, "duple")
    found["drum_in_triple_rate"] = muspy.drum_in_pattern_rate(music, "triple")
    if key is not None:
        found["pitch_in_scale_rate"] = muspy.pitch_in_scale_rate(music, int(key) % 12, "minor" if key >= 12 else "major")
    return found


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="+")
    arguments.add_argument("--cantus", default="target/release/cantus")
    arguments = arguments.parse_args()
    lines = subprocess.run([arguments.cantus, "features", "--json", *arguments.files], capture_output=True, text=True).stdout
    same, differ = collections.Counter(), collections.defaultdict(list)
    for line in map(json.loads, lines.splitlines()):
        ours = line["features"]
        try:
            theirs = of_muspy(line["path"], ours["key"])
        except Exception as error:
            print(f"{line['path']}: MusPy cannot read it ({error})")
            continue
        for name, value in theirs.items():
            own = ours[f"muspy_{name}"]
            agree = math.isnan(value) if own is None else abs(own - value) < 1e-9
            same[name] += agree
            if not agree:
                differ[name].append(f"{line['path']}: {own} {value}")
    for name in sorted(set(same) | set(differ)):
        print(f"{name:28} {same[name]:4} agree, {len(differ[name]):3} differ  {differ[name][:2]}")


main()
