#!/usr/bin/env python3
"""Runs one work of `cantus bench` and its peers in turn and prints how their times compare.

    python3 benches/compare.py nn-a --scripts PEERS --python VENV/bin/python
    python3 benches/compare.py midi-read FOLDER --scripts PEERS --python VENV/bin/python
    python3 benches/compare.py nn-c --peer "VENV/bin/python my_peer.py --tokens 200"

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
}
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
    scripts = SCRIPTS.get(args.work, []) if args.scripts else []
    for script in scripts:
        name, *rest = script.split()
        rest = [word for part in rest for word in (args.work_args if part == "{}" else [part])]
        found.append([interpreter(name, args.python), str(args.scripts / name), *rest])
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
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main():
    args = arguments()
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
    print(f"\n{args.work} {' '.join(args.work_args)}: {args.rounds} rounds in turn{limits}{cores}\n{machine()}\n")
    print(table(gather(lines, args.work)))


main()
