"""The article's own program in Keras: LSTM(128), dropout .5, LSTM(128), dropout .5, a dense output at every step, fitted
to an array as its own target with mean squared error.

Usage: fit_keras.py ARRAY.npy EPOCHS SEED. Holds the last fifth out, as Keras does. Prints one JSON line.
"""
import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
path, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
music = np.load(path).astype("f4")
keras.utils.set_random_seed(seed)
L = keras.layers
model = keras.Sequential([
    L.Input(music.shape[1:]), L.LSTM(128, return_sequences=True), L.Dropout(0.5),
    L.LSTM(128, return_sequences=True), L.Dropout(0.5), L.Dense(music.shape[2])])
model.compile(loss="mse", optimizer="adam")
seconds = []


class Clock(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds.append(time.perf_counter() - self.begun)


history = model.fit(music, music, epochs=epochs, batch_size=32, validation_split=0.2, verbose=0, callbacks=[Clock()])
valid = history.history["val_loss"]
print(json.dumps({
    "peer": "keras", "version": f"keras {keras.__version__}, tensorflow {tf.__version__}", "seed": seed, "epochs": epochs,
    "final": valid[-1], "best": min(valid), "seconds": sum(seconds), "seconds_per_epoch": float(np.median(seconds))}), flush=True)
