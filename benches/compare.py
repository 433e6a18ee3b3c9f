#!/usr/bin/env python3
"""Runs one work of `cantus bench` and its peers in turn and prints how their times compare.

    python3 benches/compare.py nn-a --scripts PEERS --python VENV/bin/python
    python3 benches/compare.py midi-read FOLDER --scripts PEERS --python VENV/bin/python
    python3 benches/compare.py nn-c --peer "VENV/bin/python my_peer.py --tokens 200"
    python3 benches/compare.py read FOLDER ARCHIVE --sample 40 --python VENV/bin/python

README.md beside this file tells what a peer is. The standard library is all that is needed.
"""
import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The scripts of the usual peers: what follows the interpreter, {} being the arguments of the work.
SCRIPTS = {
    "nn-a": ["nn_keras.py a", "nn_torch.py a"],
    "nn-b": ["nn_keras.py b", "nn_torch.py b"],
    "nn-c": ["nn_torch.py c"],
    "nn-d": ["nn_torch.py d"],
    "midi-read": ["midi_python.py {} symusic"],
    "midi-encode": ["midi_python.py {} miditok"],
    "features": ["features_librosa.py"],
}
# The same for works whose peers' scripts stand beside this one.
OWN = {"read": ["read_peers.py {} music21", "read_peers.py {} partitura"]}
# Peers that call our work by another name.
SAME = {"midi-tokens": "midi-encode"}

# What keeps PyTorch, oneDNN, MKL and TensorFlow from instructions beyond AVX2.
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}


def arguments():
    parser = argparse.ArgumentParser(description="Runs one work of `cantus bench` and its peers in turn.")
    parser.add_argument("work", help="the work's name, such as nn-a; what follows goes to the work, such as a folder")
    parser.add_argument("work_args", nargs="*", metavar="ARGUMENT")
    parser.add_argument("--cantus", default=ROOT / "target/release/cantus", help="the program (target/release/cantus)")
    parser.add_argument("--scripts", type=Path, help="a folder with the usual peers' scripts")
    parser.add_argument("--python", action="append", default=[], metavar="[SCRIPT=]PATH",
                        help="the interpreter of the scripts, or of those whose name holds SCRIPT (python3)")
    parser.add_argument("--peer", action="append", default=[], metavar="COMMAND",
                        help="a command that prints such JSON lines; may be given several times")
    parser.add_argument("--rounds", type=int, default=3, help="how often each runs (3)")
    parser.add_argument("--avx2", action="store_true", help="hold both sides to AVX2")
    parser.add_argument("--cores", metavar="LIST", help="run on these cores only, such as 0 or 0-1 (Linux)")
    parser.add_argument("--sample", type=int, metavar="N", help="of read: so many files of each ending, taken evenly")
    parser.add_argument("--raw", type=Path, help="add the raw JSON lines to this file")
    return parser.parse_args()


def interpreter(script, choices):
    """The last interpreter that was given for a script, or for all of them."""
    chosen = "python3"
    for choice in choices:
        name, found, path = choice.partition("=")
        if not found:
            chosen = choice
        elif name in script:
            chosen = path
    return chosen


def commands(args):
    """Cantus first, then the peers: what runs in each round."""
    ours = [str(args.cantus), "bench", args.work, *args.work_args, "--json"]
    if args.avx2:
        ours += ["--simd", "avx2"]
    found = [ours]
    scripts = [(args.scripts, script) for script in SCRIPTS.get(args.work, []) if args.scripts]
    scripts += [(ROOT / "benches", script) for script in OWN.get(args.work, [])]
    for folder, script in scripts:
        name, *rest = script.split()
        rest = [word for part in rest for word in (args.work_args if part == "{}" else [part])]
        found.append([interpreter(name, args.python), str(folder / name), *rest])
    found += [shlex.split(peer) for peer in args.peer]
    if args.cores:
        found = [["taskset", "--cpu-list", args.cores, *command] for command in found]
    return found


def run(command, environment):
    """The JSON lines that a command prints."""
    try:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"compare: {error}")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]


def machine():
    """The machine in a line."""
    name, flags = platform.processor() or platform.machine(), set()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    except OSError:
        pass
    best = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "instructions unknown"
    return f"{name}, {os.cpu_count()} cores, {best}, {platform.system()} {platform.release()}"


def works(lines, work):
    """The works that were timed: the one that was asked for, or its parts, such as features/mel."""
    names = [SAME.get(line["work"], line["work"]) for line in lines if "median" in line]
    return [name for name in dict.fromkeys(names) if name == work or name.startswith(f"{work}/")]


def gather(lines, work):
    """Times by peer: the median of the medians, the best of the bests, and how many runs there were."""
    by_peer = {}
    for line in lines:
        if "median" in line and SAME.get(line["work"], line["work"]) == work:
            by_peer.setdefault((line["peer"], line["version"], line["unit"]), []).append(line)
    return {
        peer: (statistics.median(line["median"] for line in of_peer), min(line["best"] for line in of_peer),
               sum(line["runs"] for line in of_peer))
        for peer, of_peer in by_peer.items()
    }


def table(times):
    """Each peer's times, and each of ours as a part of them."""
    ours = {peer: value for peer, value in times.items() if peer[0].startswith("cantus")}
    rows = [["peer", "version", "median", "best", "unit", "runs"]]
    rows[0] += [f"{peer[0]}: medians, bests" for peer in ours]
    for (peer, version, unit), (median, best, runs) in times.items():
        row = [peer, str(version), f"{median:.4g}", f"{best:.4g}", unit, str(runs)]
        rows.append(row + [f"{our[0] / median:.3f}, {our[1] / best:.3f}" for our in ours.values()])
    return aligned(rows)


def aligned(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def stage(args, folder):
    """Copies what is to be read into a folder, unpacked, so that all read the same files."""
    command = [str(args.cantus), "bench", "read", *args.work_args, "--keep", folder]
    command += ["--sample", str(args.sample)] if args.sample else []
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"compare: {error}")
    return [folder]


def reading(lines):
    """Of each format and peer, on the files that both sides read: what was read and how fast."""
    each, versions, failed = {}, {}, {}
    for line in lines:
        versions.setdefault(line["peer"], line.get("version"))
        failed.setdefault((line["work"], line["peer"]), {}).update(line.get("failed", {}))
        for name, told in line.get("each", {}).items():
            each.setdefault((line["work"], line["peer"]), {}).setdefault(name, []).append(told)
    middle = lambda runs: statistics.median(run[0] for run in runs)
    rows = [["format", "peer", "version", "files", "pieces", "MB", "cantus ms", "MB/s", "pieces/s", "peer ms", "MB/s",
             "pieces/s", "times as fast"]]
    for (work, peer), theirs in sorted(each.items()):
        ours = each.get((work, "cantus"), {})
        both = ours.keys() & theirs.keys()
        if peer == "cantus" or not both:
            continue
        pieces, megabytes = sum(ours[name][0][1] for name in both), sum(ours[name][0][2] for name in both) / 1e6
        our, their = (sum(middle(side[name]) for name in both) for side in (ours, theirs))
        speeds = [[f"{time:.4g}", f"{1e3 * megabytes / time:.3g}", f"{1e3 * pieces / time:.3g}"] for time in (our, their)]
        rows.append([work.removeprefix("read-"), peer, str(versions[peer]), str(len(both)), str(pieces), f"{megabytes:.2f}",
                     *speeds[0], *speeds[1], f"{their / our:.0f}"])
    told = [f"{work}: {peer} fails on {name}: {why}" for (work, peer), names in sorted(failed.items()) for name, why in names.items()]
    return "\n".join([aligned(rows), *told])


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        shown = " ".join(args.work_args)
        if args.work == "read":
            args.work_args = stage(args, folder)
        compare(args, shown)


def compare(args, shown):
    environment = {**os.environ, **(AVX2 if args.avx2 else {})}
    lines = []
    for turn in range(args.rounds):
        for command in commands(args):
            print(f"round {turn + 1} of {args.rounds}: {shlex.join(command)}", file=sys.stderr, flush=True)
            found = run(command, environment)
            for line in found:
                print(json.dumps(line), flush=True)
            lines += found
    if args.raw:
        with args.raw.open("a") as raw:
            raw.writelines(json.dumps(line) + "\n" for line in lines)
    limits = ", both sides held to AVX2" if args.avx2 else ""
    cores = f", on cores {args.cores}" if args.cores else ""
    print(f"\n{args.work} {shown}: {args.rounds} rounds in turn{limits}{cores}\n{machine()}")
    if args.work == "read":
        print(f"\n{reading(lines)}")
        return
    for work in works(lines, args.work):
        print(f"\n{work}\n{table(gather(lines, work))}")


main()
