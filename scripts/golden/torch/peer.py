"""
What the model files of this folder share: layers, masks, draws that are written down, and the recording itself.

The models are written for this comparison, from the papers and from what the released code computes. They are a second
implementation in PyTorch 1.13, not the authors' code: a recording made by them finds differences, it proves no parity with a
release. Usage: python3 scripts/golden/torch/NAME.py, which writes test/golden/torch/*.json.gz.
"""
import gzip
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
FOLDER = os.path.join(os.path.dirname(__file__), "../../../test/golden/torch")
LARGEST_GRADIENT = 400  # numbers in a gradient that is recorded in full
LARGEST_OUTPUT = 4000  # numbers in an output; of larger ones the norm is recorded


def T(x):
    """A tensor as JSON."""
    x = torch.as_tensor(x).detach()
    if x.dtype == torch.bool:
        return {"shape": list(x.shape), "dtype": "bool", "data": [int(v) for v in x.reshape(-1).tolist()]}
    if not x.is_floating_point():
        return {"shape": list(x.shape), "dtype": "int", "data": x.reshape(-1).tolist()}
    return {"shape": list(x.shape), "dtype": "float", "data": [float(f"{v:.9g}") for v in x.reshape(-1).tolist()]}


class Rec:
    """Random numbers in the order in which they were drawn."""

    def __init__(self):
        self.draws = []

    def rand(self, *shape):
        x = (torch.rand(*shape) * 1e6).round() / 1e6
        self.draws.append({"call": "torch.rand", "out": T(x)})
        return x

    def randn(self, *shape):
        x = (torch.randn(*shape) * 1e4).round() / 1e4
        self.draws.append({"call": "torch.randn", "out": T(x)})
        return x

    def uniform(self, low, high):
        x = round(low + (high - low) * float(torch.rand(1)), 6)
        self.draws.append({"call": "random.uniform", "low": low, "high": high, "out": x})
        return x


def redraw(model, std=0.3):
    """Every trained parameter anew, to four decimals; scales of normalisations about 1."""
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        with torch.no_grad():
            p.copy_((torch.randn_like(p) * std * 1e4).round() / 1e4)
            if "norm" in name and name.endswith("weight"):
                p.add_(1)


def modules(model):
    return {name: repr(m) for name, m in model.named_modules() if name and not list(m.children())}


def grads(loss, named):
    """Norm, sum and probe of every gradient, and the small ones in full."""
    trained = [(name, p) for name, p in named if p.requires_grad]
    all_grads = torch.autograd.grad(loss, [p for _, p in trained], allow_unused=True, retain_graph=True)
    stats, full = {}, {}
    for (name, _), g in zip(trained, all_grads):
        if g is None:
            continue
        v = g.reshape(-1)
        i = torch.arange(1, v.numel() + 1, dtype=torch.float64)
        stats[name] = {"l2": float(v.norm()), "sum": float(v.sum()), "probe": float((v * torch.sin(i)).sum())}
        if v.numel() <= LARGEST_GRADIENT:
            full[name] = T(g)
    return {"of": "loss", "stats": stats, "full": full}


def recorded(outputs):
    """Outputs as JSON; nested ones stay nested."""
    made = {}
    for name, x in outputs.items():
        if isinstance(x, dict) and "shape" not in x:
            made[name] = recorded(x)
        elif torch.is_tensor(x) and x.numel() > LARGEST_OUTPUT:
            made[name + "_l2"] = T(x.norm())
        else:
            made[name] = T(x) if torch.is_tensor(x) else x
    return made


def write(file, recording):
    """The recording under the name of a file, compressed to the same bytes each time."""
    whole = {"schema": "mim-parity/1", "source": [], "notes": ["an independent model in PyTorch, not the authors' code"]}
    whole["env"] = {"torch": torch.__version__, "dtype": "float64"}
    text = json.dumps({**whole, **recording}, separators=(",", ":")).encode()
    with open(os.path.join(FOLDER, file + ".gz"), "wb") as out:
        out.write(gzip.compress(text, mtime=0))


def dump(file, method, config, inputs, draws, model, outputs, loss, **more):
    """A run of a model."""
    params = {name: T(p) for name, p in model.named_parameters()}
    run = {"method": method, "kind": "model", "config": config, "modules": {"1:" + type(model).__name__: modules(model)}}
    run["inputs"] = {name: T(x) for name, x in inputs.items()}
    run["draws"] = draws
    run["params"] = params
    run["outputs"] = {**recorded(outputs), "loss": T(loss)}
    run["grads"] = grads(loss, list(model.named_parameters()))
    write(file, {**run, **more})


class Attn(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(C // self.heads)).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, N, C))


class MLP(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """Transformer block with normalisation first."""

    def __init__(self, dim, heads, ratio=4, eps=1e-6):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attn = Attn(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.mlp = MLP(dim, int(dim * ratio))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def sincos2d(dim, h, w, cls=False):
    """Fixed positions of a grid, to seven decimals: columns in the first half of the channels, rows in the second."""

    def one(d, positions):
        angles = np.einsum("m,d->md", positions.reshape(-1), 1 / 10000 ** (np.arange(d // 2) / (d / 2)))
        return np.concatenate([np.sin(angles), np.cos(angles)], 1)

    columns, rows = np.meshgrid(np.arange(w, dtype=float), np.arange(h, dtype=float))
    table = np.concatenate([one(dim // 2, columns), one(dim // 2, rows)], 1)
    if cls:
        table = np.concatenate([np.zeros((1, dim)), table])
    return (torch.tensor(table)[None] * 1e7).round() / 1e7


def fixed(x):
    return nn.Parameter(x, requires_grad=False)


def patchify(x, p):
    N, C, H, W = x.shape
    return x.view(N, C, H // p, p, W // p, p).permute(0, 2, 4, 3, 5, 1).reshape(N, -1, p * p * C)


def normpix(t):
    return (t - t.mean(-1, keepdim=True)) / (t.var(-1, keepdim=True) + 1e-6) ** 0.5


def randmask(rec, N, L, ratio, noise=None):
    """Kept ids, mask (1 masked) and the inverse of the shuffle, by sorting noise."""
    keep = int(L * (1 - ratio))
    noise = rec.rand(N, L) if noise is None else noise
    shuffle = noise.argsort(1)
    restore = shuffle.argsort(1)
    mask = torch.ones(N, L)
    mask[:, :keep] = 0
    return shuffle[:, :keep], torch.gather(mask, 1, restore), restore


def take(x, ids):
    return torch.gather(x, 1, ids[..., None].expand(-1, -1, x.shape[2]))


def img(*shape):
    return (torch.randn(*shape) * 1e3).round() / 1e3
