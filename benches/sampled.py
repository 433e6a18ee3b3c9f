"""Composed pieces beside real ones: rates of voice leading, and a critic that is to part them.

VENV/bin/python benches/sampled.py FOLDER… [--rates] [--critic] [--most 80] [--jobs 2] [--numbers FILE]

Each FOLDER has `made` and `real` MIDI files, as the example `sampled` writes them. Without an option both are told.

--rates: of files in which each track has one note at a time: what happens, per hundred of what it could happen in, with
intervals of 95 % (Garwood's, of a Poisson count), and the ratio of the rates; of drums in 4/4, which are struck at which quarter. Needs mido and SciPy.

--critic: gradient boosting (scikit-learn) on music21's features (jSymbolic's and its own, those of the notes: instruments, tempo,
metre and the length of the piece are told to both sides and left out), five-fold cross-validated, folds by real piece: the area under the curve
(AUC) at which it parts composed from real pieces; .5 is chance, 1 is hopeless. Beside it how widely features are spread: the middle of the ratios of their deviations. Every piece is heard at one tempo. Needs mido, music21 and scikit-learn.

--most N: the critic hears at most so many pieces a side: the first composed ones, and real ones spread evenly.

--numbers FILE: writes what was measured, and what the example told of each folder, as one object of JSON: numbers by name, for the card of a model
(examples `default_model --sampled` and `chorales --card`).
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import tempfile
import warnings

import mido
import numpy
import scipy.stats

SIXTEENTH = 1 / 4
# What soprano, alto, tenor and bass are usually written in.
RANGES = [(60, 81), (53, 76), (47, 69), (38, 64)]


def lines(path):
    """For each track its notes, (start, end, pitch) in quarters, and the quarters of a bar."""
    file = mido.MidiFile(path)
    bar, found = 4.0, []
    for track in file.tracks:
        now, sounding, notes = 0, {}, []
        for message in track:
            now += message.time
            at = now / file.ticks_per_beat
            if message.type == "time_signature":
                bar = 4 * message.numerator / message.denominator
            elif message.type == "note_on" and message.velocity:
                sounding[message.note] = at
            elif message.type in ("note_on", "note_off") and message.note in sounding:
                notes.append((sounding.pop(message.note), at, message.note))
        if notes:
            found.append(sorted(notes))
    return found, bar


def sounding(line, at):
    return next((pitch for start, end, pitch in line if start <= at < end), None)


def rates_of(path):
    """Counts and exposures: how often something happened and how often it could."""
    voices, _ = lines(path)
    voices.sort(key=lambda line: -numpy.mean([pitch for *_, pitch in line]))
    count = collections.Counter()
    times = sorted({start for line in voices for start, *_ in line})
    chords = [tuple(sounding(line, at) for line in voices) for at in times]
    starts = [{start for start, *_ in line} for line in voices]
    for (before, now), at in zip(zip(chords, chords[1:]), times[1:]):
        count["chord changes"] += 1
        moved = [a is not None and b is not None and a != b and at in begin for a, b, begin in zip(before, now, starts)]
        for low in range(len(voices)):
            for high in range(low):
                if moved[low] and moved[high]:
                    interval = abs(before[high] - before[low]) % 12
                    if interval in (0, 7) and abs(now[high] - now[low]) % 12 == interval:
                        count["parallel fifths" if interval == 7 else "parallel octaves"] += 1
    for chord in chords:
        present = [pitch for pitch in chord if pitch is not None]
        count["moments"] += 1
        count["crossings"] += any(low > high for high, low in zip(present, present[1:]))
    for index, line in enumerate(voices):
        if len(voices) == len(RANGES):
            count["notes"] += len(line)
            count["out of range"] += sum(not RANGES[index][0] <= pitch <= RANGES[index][1] for *_, pitch in line)
        count["pairs of notes"] += len(line) - 1
        count["repeated notes"] += sum(a[2] == b[2] for a, b in zip(line, line[1:]))
    # A sixteenth whose chord is that of the one before it, as networks on a grid read music.
    end = max(line[-1][1] for line in voices)
    grid = [tuple(sounding(line, at) for line in voices) for at in numpy.arange(0, end, SIXTEENTH)]
    count["sixteenths"] += len(grid) - 1
    count["repeated tokens"] += sum(a == b for a, b in zip(grid, grid[1:]))
    # A cadence: the bass goes from the dominant to the tonic of a triad that all voices hold for a quarter or more.
    arrivals = []
    for index in range(1, len(times)):
        chord, bass = chords[index], chords[index][-1]
        if None in chord or chords[index - 1][-1] is None or times[index] % 1:
            continue
        ends = [next(end for start, end, _ in line if start <= times[index] < end) for line in voices]
        tones = {(pitch - bass) % 12 for pitch in chord}
        step = (bass - chords[index - 1][-1]) % 12
        if min(ends) - times[index] >= 1 and step == 5 and tones <= {0, 3, 4, 7}:
            arrivals.append(times[index])
    count["quarters"] += end
    count["cadences"] += len(arrivals)
    lengths = [b - a for a, b in zip([0, *arrivals], arrivals)]
    return count, lengths


RATES = [
    ("parallel fifths", "chord changes"),
    ("parallel octaves", "chord changes"),
    ("crossings", "moments"),
    ("out of range", "notes"),
    ("repeated notes", "pairs of notes"),
    ("repeated tokens", "sixteenths"),
    ("cadences", "quarters"),
]


# Drums by their keys in General MIDI, and those of electronic kits.
DRUMS = {"bass drum": (35, 36), "snare drum": (38, 40), "closed hi-hat": (22, 42), "ride": (51, 53, 59)}
QUARTERS = ("one", "two", "three", "four")


def beats_of(path):
    """Counts of bars in 4/4, of strokes, and of bars in which a drum is struck at a quarter, a sixteenth more or less counted to the nearest."""
    file, now = mido.MidiFile(path), 0
    count, struck = collections.Counter(), set()
    for message in mido.merge_tracks(file.tracks):
        now += message.time
        if message.type == "time_signature" and (message.numerator, message.denominator) != (4, 4):
            return collections.Counter(), []
        if message.type == "note_on" and message.velocity and message.channel == 9:
            sixteenth = round(now / file.ticks_per_beat / SIXTEENTH)
            count["strokes"] += 1
            for drum, keys in DRUMS.items():
                if message.note in keys and sixteenth % 4 == 0:
                    struck.add((drum, sixteenth // 4))
    count["bars"] = round(now / file.ticks_per_beat / 4)
    for drum, quarter in struck:
        count[f"{drum} on {QUARTERS[quarter % 4]}"] += 1
    return count, []


BEATS = [("strokes", "bars"), *((f"{drum} on {quarter}", "bars") for drum in DRUMS for quarter in QUARTERS)]


def has_drums_alone(path):
    notes = [message for track in mido.MidiFile(path).tracks for message in track if message.type == "note_on"]
    return all(message.channel == 9 for message in notes)


def interval(count, exposure):
    low = scipy.stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    high = scipy.stats.chi2.ppf(0.975, 2 * count + 2) / 2
    return 100 * low / exposure, 100 * high / exposure


def rates(folder, numbers):
    told = {}
    is_beaten = all(map(has_drums_alone, (folder / "real").glob("*.mid")))
    counted, of_what = (beats_of, BEATS) if is_beaten else (rates_of, RATES)
    for side in ("made", "real"):
        total, lengths = collections.Counter(), []
        for path in sorted((folder / side).glob("*.mid")):
            count, own = counted(path)
            total += count
            lengths += own
        told[side] = total, lengths
    print(f"{folder.name}: {'of a hundred':32} {'made':>22} {'real':>24}   ratio")
    for what, of in of_what:
        row = []
        for side in ("made", "real"):
            count, exposure = told[side][0][what], max(told[side][0][of], 1)
            low, high = interval(count, exposure)
            row.append((100 * count / exposure, low, high))
        ratio = row[0][0] / row[1][0] if row[1][0] else float("nan")
        text = "  ".join(f"{rate:7.3f} ({low:.3f} to {high:.3f})" for rate, low, high in row)
        print(f"  {what + ', of ' + of:36} {text}   {ratio:.2f}")
        for side, (rate, *_) in zip(("made", "real"), row):
            numbers[f"{what}, of a hundred {of}: {side}"] = rate
    for side in () if is_beaten else ("made", "real"):
        lengths = told[side][1]
        print(f"  quarters from cadence to cadence, {side}: {numpy.mean(lengths):.2f}, middle {numpy.median(lengths):.1f}")


# Pieces without which a critic of hundreds of features tells nothing.
FEWEST = 20

LEFT_OUT = ("tempo", "instrument", "prevalence", "duration", "time signature", "meter", "quality", "language", "percussion")


def without_tempo(path, folder):
    """The same at one tempo: what tempo a style has is not what the critic is to hear."""
    file = mido.MidiFile(path)
    for track in file.tracks:
        for message in track:
            if message.type == "set_tempo":
                message.tempo = 500_000
    to = pathlib.Path(folder) / "piece.mid"
    file.save(to)
    return str(to)


def features_of(path):
    import music21

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        return features_at(without_tempo(path, folder), music21)


def features_at(path, music21):
    # One reader for both sides: what music21 guesses of a MIDI file it guesses of both.
    score = music21.converter.parse(path, forceSource=True, quantizePost=False)
    kinds = [*music21.features.jSymbolic.featureExtractors, *music21.features.native.featureExtractors]
    instance = music21.features.DataInstance(score)
    row = []
    for kind in kinds:
        extractor = kind(instance)
        name = (extractor.name or "").lower()
        if any(word in name for word in LEFT_OUT):
            continue
        try:
            vector = list(extractor.extract().vector)
        except Exception:
            vector = [0] * (extractor.dimensions or 1)
        row += [float(value) if value is not None else 0.0 for value in vector]
    return row


def critic(folder, jobs, most, numbers):
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    real = sorted((folder / "real").glob("*.mid"))
    if most and len(real) > most:
        real = [real[len(real) * index // most] for index in range(most)]
    made = sorted((folder / "made").glob("*.mid"))[: most or max(len(real), 100)]
    if len(real) < FEWEST:
        print(f"{folder.name}: {len(real)} real pieces are too few for a critic", flush=True)
        return
    paths = [*real, *made]
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        table = list(pool.map(features_of, map(str, paths), chunksize=4))
    width = min(map(len, table))
    x = numpy.nan_to_num(numpy.array([row[:width] for row in table]))
    y = numpy.array([0] * len(real) + [1] * len(made))
    spreads = [numpy.std(x[y == side], axis=0) for side in (1, 0)]
    varies = (spreads[0] > 0) & (spreads[1] > 0)
    spread = numpy.median(spreads[0][varies] / spreads[1][varies])
    numbers["spread of a feature, made to real, the middle of all"] = spread
    aucs = []
    for seed in range(3):
        model = GradientBoostingClassifier(n_estimators=150, max_depth=3, subsample=0.7, learning_rate=0.08, random_state=seed)
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        scores = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        aucs.append(roc_auc_score(y, scores))
    numbers["area under the curve of a critic"] = numpy.mean(aucs)
    print(f"{folder.name}: critic AUC {numpy.mean(aucs):.3f} ({min(aucs):.3f} to {max(aucs):.3f}), {len(made)} made, {len(real)} real, {width} features; deviation of the middle feature {spread:.2f} of that of real pieces", flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folders", nargs="+", type=pathlib.Path)
    arguments.add_argument("--rates", action="store_true")
    arguments.add_argument("--critic", action="store_true")
    arguments.add_argument("--jobs", type=int, default=1)
    arguments.add_argument("--most", type=int)
    arguments.add_argument("--numbers", type=pathlib.Path)
    arguments = arguments.parse_args()
    both = arguments.rates == arguments.critic
    all_numbers = {}
    for folder in arguments.folders:
        numbers = told_of(folder)
        if arguments.rates or both:
            rates(folder, numbers)
        if arguments.critic or both:
            critic(folder, arguments.jobs, arguments.most, numbers)
        all_numbers |= {f"{folder.name}.sampled.{what}": round(float(value), 6) for what, value in numbers.items()}
    if arguments.numbers:
        arguments.numbers.write_text(json.dumps(all_numbers, indent=1))


def told_of(folder):
    """What the example told of a folder, by names of one level."""
    file = folder / "told.json"
    told = json.loads(file.read_text()) if file.exists() else {}
    numbers = {}
    for what in ("distinct openings", "passages shared by two pieces"):
        for side, value in told.get(what, {}).items():
            numbers[f"{what}: {side}"] = value
    for side, values in told.get("longest passage in training, notes", {}).items():
        for place, value in zip(("middle", "ninth of ten", "longest"), values[1:]):
            numbers[f"longest passage in training, notes, {place}: {side}"] = value
    if "seconds to compose" in told:
        numbers["seconds to compose"] = told["seconds to compose"]
    return numbers


main()
