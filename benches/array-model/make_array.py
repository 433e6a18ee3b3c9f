"""Writes the array that both programs learn: ARRAY.npy, pieces of a drum-like beat, a bass and chords of a random
progression in a random key, on and off, [pieces, 128 frames, 88 keys].

Usage: make_array.py ARRAY.npy [PIECES]. Needs NumPy. The same every time.
"""
import sys

import numpy as np

rng = np.random.default_rng(1)
pieces = int(sys.argv[2]) if len(sys.argv) > 2 else 400
music = np.zeros((pieces, 128, 88), "u1")
for piece in music:
    key = rng.integers(12)
    for bar in range(8):
        root = key + [0, 5, 7, 9][rng.integers(4)]
        third = 3 if (root - key) % 12 == 9 else 4
        for step in range(16):
            frame = piece[bar * 16 + step]
            if step % 4 == 0:
                frame[12 + root % 12] = 1
            if step % 8 < 6:
                frame[[36 + root % 12, 36 + (root + third) % 12, 36 + (root + 7) % 12]] = 1
            if rng.random() < 0.6:
                frame[60 + key + rng.choice([0, 2, 4, 5, 7, 9, 11])] = 1
np.save(sys.argv[1], music)
