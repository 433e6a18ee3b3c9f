#!/usr/bin/env python3
"""Times how a peer reads the music of a folder into memory, on one thread: `cantus bench read`'s peers.

    VENV/bin/python benches/read_peers.py FOLDER music21
    VENV/bin/python benches/read_peers.py FOLDER partitura

Prints the JSON lines of README.md, for each format one with times and one with what each file took (in milliseconds of
processor time); files that the peer fails on are named. The interpreter must have the peer's library.
"""
import contextlib
import io
import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path

FORMATS = {".mid": "midi", ".midi": "midi", ".musicxml": "musicxml", ".xml": "musicxml", ".mxl": "mxl", ".abc": "abc",
           ".krn": "kern"}
# A file that takes longer is left out, in seconds.
PATIENCE = int(os.environ.get("PATIENCE", "300"))


def music21_reader():
    import music21
    kinds = {"mxl": "musicxml", "kern": "humdrum"}

    def read(path, kind):
        kind = kinds.get(kind, kind)
        music21.converter.parse(path, format=kind, forceSource=True, storePickle=False)
    return music21.__version__, read, set(FORMATS.values())


def partitura_reader():
    import partitura
    from importlib.metadata import version
    readers = {"musicxml": partitura.load_musicxml, "mxl": partitura.load_musicxml, "kern": partitura.load_kern,
               "midi": partitura.load_performance_midi}
    return version("partitura"), lambda path, kind: readers[kind](path), set(readers)


def too_long(*_):
    raise TimeoutError(f"it takes longer than {PATIENCE} s")


def timed(read, path, kind):
    """Milliseconds of processor time, or what the peer says where it fails."""
    signal.alarm(PATIENCE)
    begin = time.process_time()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            read(str(path), kind)
        return 1e3 * (time.process_time() - begin)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.alarm(0)


def main():
    folder, peer = Path(sys.argv[1]), sys.argv[2]
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    version, read, known = {"music21": music21_reader, "partitura": partitura_reader}[peer]()
    by_format = {}
    for path in sorted(folder.rglob("*")):
        kind = FORMATS.get(path.suffix.lower())
        if kind in known:
            by_format.setdefault(kind, []).append(path)
    for kind, paths in sorted(by_format.items()):
        # The first file pays for what a library loads late.
        timed(read, paths[0], kind)
        took = {path.name: timed(read, path, kind) for path in paths}
        each = {name: [time] for name, time in took.items() if not isinstance(time, str)}
        failed = {name: why for name, why in took.items() if isinstance(why, str)}
        total = sum(time for [time] in each.values())
        line = {"peer": peer, "version": version, "work": f"read-{kind}"}
        print(json.dumps({**line, "unit": "ms", "median": total, "best": total, "runs": 1}), flush=True)
        print(json.dumps({**line, "files": len(each), "failed": failed, "each": each}), flush=True)


main()
