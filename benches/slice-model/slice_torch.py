"""The slice model in PyTorch: the training steps that `cantus bench slices --export FILE` wrote, with the same layers,
sizes, features, losses and optimiser. Usage: slice_torch.py FILE [check]

Prints one JSON line, microseconds a slice over whole epochs of the steps. With `check` nothing drops out, and what
the steps of the first epoch cost is printed beside what they cost Cantus.

What the steps read is laid out beforehand and not timed (Cantus writes it while it learns, and that is timed).
"""
import json
import statistics
import struct
import sys
import time
import tomllib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

THREADS = 2
EPOCHS = 7
KINDS = {"pickup": False, "pitch": True, "drum": True, "length": True, "velocity": True, "gap": True,
         "coarse": False, "fine": False}  # whether the head reads the trunk
torch.manual_seed(0)
torch.set_num_threads(THREADS)


def load(path):
    """Tensors by name and the recipe."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = np.frombuffer(file.read(), np.float32)
    recipe = tomllib.loads(header.pop("__metadata__")["recipe"])
    place = {name: [offset // 4 for offset in entry["data_offsets"]] for name, entry in header.items()}
    return {name: data[a:b].reshape(header[name]["shape"]) for name, (a, b) in place.items()}, recipe


def whole(array):
    return torch.from_numpy(array.astype(np.int64))


class Bags:
    """Rows of an embedding table to be summed."""

    def __init__(self, tensors, name):
        self.items = whole(tensors[name + ".items"].ravel())
        self.begins = whole(tensors[name + ".begins"].ravel())

    def sum(self, table, chance):
        kept = (torch.rand(len(self.items)) >= chance).float() if chance else None
        return F.embedding_bag(self.items, table, self.begins, mode="sum", per_sample_weights=kept)


class Exercise:
    """All questions of a kind in a step."""

    def __init__(self, tensors, name, columns):
        self.items = Bags(tensors, name + ".items")
        self.answers = whole(tensors[name + ".answers"].ravel())
        self.slices = whole(tensors[name + ".slices"].ravel())
        self.forbidden = torch.from_numpy(tensors[name + ".allowed"] == 0)
        self.columns = self.columns_of(tensors[name + ".terms"].astype(np.int64), columns)

    def columns_of(self, terms, nothing):
        """For each question, term and class, the raw output that is added; `nothing` where none is."""
        rows, classes = self.forbidden.shape
        row, source, width, shift, wraps, begin, end = terms.T[:, :, None]
        index = np.arange(classes) + shift
        index = np.where(wraps == 1, index % width, np.clip(index, 0, width - 1)) + source
        inside = (np.arange(classes) >= begin) & (np.arange(classes) < end)
        index = np.where(inside, index, nothing)
        counts = np.bincount(row.ravel(), minlength=rows)
        place = np.arange(len(terms)) - (np.cumsum(counts) - counts)[row.ravel()]
        table = np.full((rows, counts.max(), classes), nothing)
        table[row.ravel(), place] = index
        return torch.from_numpy(table.reshape(rows, -1))


class Head(nn.Module):
    """z = gelu(trunk + features); z + gelu(inner z); raw outputs; logits as sums of shifted tables."""

    def __init__(self, weights, kind):
        super().__init__()
        names = ["table", "inner.weight", "inner.bias", "out.weight", "out.bias"] + ["trunk"] * KINDS[kind]
        for name in names:
            tensor = torch.from_numpy(weights[f"weight.{kind}.{name}"].copy())
            # A matrix is laid out as nn.Linear has it.
            is_matrix = name in ("inner.weight", "out.weight", "trunk")
            self.register_parameter(name.replace(".", "_"), nn.Parameter(tensor.T.contiguous() if is_matrix else tensor))
        self.reads = KINDS[kind]

    def forward(self, hidden, exercise, drop):
        x = exercise.items.sum(self.table, drop["feature"])
        if self.reads:
            x = x + F.linear(hidden, self.trunk).index_select(0, exercise.slices)
        x = F.dropout(F.gelu(x, approximate="tanh"), drop["head"])
        x = x + F.gelu(F.linear(x, self.inner_weight, self.inner_bias), approximate="tanh")
        raw = F.linear(F.dropout(x, drop["head"]), self.out_weight, self.out_bias)
        rows, classes = exercise.forbidden.shape
        terms = F.pad(raw, (0, 1)).gather(1, exercise.columns).view(rows, -1, classes)
        logits = terms.sum(1).masked_fill(exercise.forbidden, -torch.inf)
        return F.cross_entropy(logits, exercise.answers, reduction="sum")


class Network(nn.Module):
    def __init__(self, weights):
        super().__init__()
        tensor = lambda name: torch.from_numpy(weights["weight.trunk." + name].copy())
        self.table = nn.Parameter(tensor("table"))
        embedding, units = self.table.shape[1], tensor("hidden").shape[0]
        self.trunk = nn.LSTM(embedding, units)
        with torch.no_grad():
            self.trunk.weight_ih_l0.copy_(tensor("input").T)
            self.trunk.weight_hh_l0.copy_(tensor("hidden").T)
            self.trunk.bias_ih_l0.copy_(tensor("bias").ravel())
            self.trunk.bias_hh_l0.zero_().requires_grad_(False)  # one bias is enough
        self.heads = nn.ModuleDict({kind: Head(weights, kind) for kind in KINDS if f"weight.{kind}.table" in weights})

    def forward(self, step, drop):
        x = F.dropout(step.trunk.sum(self.table, drop["feature"]), drop["input"])
        hidden = self.trunk(x.view(step.steps, step.batch, -1))[0].flatten(0, 1)
        hidden = F.dropout(hidden, drop["hidden"])
        return sum(self.heads[kind](hidden, exercise, drop) for kind, exercise in step.exercises.items())


class Step:
    def __init__(self, tensors, index):
        self.steps, self.batch, self.slices = tensors[f"{index}.sizes"].astype(int).ravel()
        self.trunk = Bags(tensors, f"{index}.trunk")
        asked = [kind for kind in KINDS if f"{index}.{kind}.answers" in tensors]
        columns = {kind: tensors[f"weight.{kind}.out.bias"].size for kind in asked}
        self.exercises = {kind: Exercise(tensors, f"{index}.{kind}", columns[kind]) for kind in asked}
        self.answers = sum(len(exercise.answers) for exercise in self.exercises.values())


def optimiser(network, recipe):
    learnt = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    is_plain = lambda name: "bias" in name or "table" in name
    groups = [{"params": [p for n, p in learnt if is_plain(n)], "weight_decay": 0.0},
              {"params": [p for n, p in learnt if not is_plain(n)], "weight_decay": recipe["weight_decay"]}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8, fused=True)


def main():
    tensors, recipe = load(sys.argv[1])
    is_check = "check" in sys.argv[2:]
    network = Network(tensors)
    parameters = [p for p in network.parameters() if p.requires_grad]
    adam = optimiser(network, recipe)
    average = [p.detach().clone() for p in parameters]
    drop = {name: 0.0 if is_check else chance for name, chance in recipe["dropout"].items()}
    rates, losses = tensors["rates"].ravel(), tensors["losses"].ravel()
    steps = [Step(tensors, index) for index in range(len(rates))]
    updates = 0

    def learn(step, rate):
        nonlocal updates
        loss = network(step, drop)
        adam.zero_grad()
        (loss / step.answers).backward()
        nn.utils.clip_grad_norm_(parameters, recipe["clip"])
        for group in adam.param_groups:
            group["lr"] = float(rate)
        adam.step()
        updates += 1
        keep = min(recipe["ema"], (1 + updates) / (10 + updates))
        torch._foreach_lerp_(average, parameters, 1 - keep)
        return loss.item() / step.slices

    if is_check:
        ours = [learn(step, rate) for step, rate in zip(steps, rates)]
        for index, (own, theirs) in enumerate(zip(ours, losses)):
            print(f"step {index + 1}: PyTorch {own:.5f} nats a slice, Cantus {theirs:.5f}")
        print(f"largest difference {max(abs(ours - losses) / losses):.1e} of the loss")
        return
    seconds = []
    for _ in range(EPOCHS + 1):
        begin = time.perf_counter()
        for step, rate in zip(steps, rates):
            learn(step, rate)
        seconds.append(time.perf_counter() - begin)
    scale = 1e6 / sum(step.slices for step in steps)
    seconds = [second * scale for second in seconds[1:]]
    print(json.dumps({"peer": "pytorch", "version": torch.__version__, "work": "slice-train", "unit": "us/slice",
                      "median": statistics.median(seconds), "best": min(seconds), "runs": len(seconds)}))


torch.set_num_interop_threads(1)
main()
