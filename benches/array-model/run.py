"""The array engine beside Keras on the same array and the same division, in turn, once for each of some seeds.

Usage: run.py CANTUS PYTHON [EPOCHS [SEEDS]]; CANTUS is the built program, PYTHON one that has Keras. Prints a JSON line
a run: final and best validation loss (squared error a number, on held-out pieces), and the median seconds of an epoch
with its validation. Both use two threads.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
cantus, python = sys.argv[1:3]
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 100
seeds = int(sys.argv[4]) if len(sys.argv) > 4 else 3


def fit_cantus(array, folder, seed):
    command = [cantus, "train", "--engine", "array", array, "-o", folder, "--target", "same", "--values", "real", "--raw",
               "--division", "last", "--epochs", str(epochs), "--seed", str(seed)]
    subprocess.run(command, check=True, capture_output=True)
    lines = map(json.loads, open(os.path.join(folder, "metrics.jsonl")))
    lines = [line for line in lines if line["kind"] == "epoch"]
    clock = [0] + [line["seconds"] for line in lines]
    valid = [line["valid"] for line in lines]
    return {"peer": "cantus", "seed": seed, "epochs": epochs, "final": valid[-1], "best": min(valid), "seconds": clock[-1],
            "seconds_per_epoch": statistics.median(b - a for a, b in zip(clock, clock[1:]))}


with tempfile.TemporaryDirectory() as folder:
    array = os.path.join(folder, "music_data.npy")
    subprocess.run([python, str(here / "make_array.py"), array], check=True)
    for seed in range(1, seeds + 1):
        print(json.dumps(fit_cantus(array, os.path.join(folder, f"run-{seed}"), seed)), flush=True)
        subprocess.run([python, str(here / "fit_keras.py"), array, str(epochs), str(seed)], check=True)
