"""A plain PyTorch training step of the same kind and size, for comparison only: forward, backward, Adam, float32.

torch_step.py KIND D WIDTH BATCH K BIAS THREADS takes one step for every line on stdin and answers with a line of JSON.
"""
import json
import sys
import time

import torch

kind, (d, width, batch, k), bias, threads = sys.argv[1], map(int, sys.argv[2:6]), float(sys.argv[6]), int(sys.argv[7])
torch.manual_seed(0)
torch.set_num_threads(threads)
x = torch.randn(batch, d)
directions = torch.nn.functional.normalize(torch.randn(width, d), dim=1)
W_dec = torch.nn.Parameter(directions.clone())
W_enc = torch.nn.Parameter(directions.T.contiguous())
b_enc = torch.nn.Parameter(torch.full((width,), bias))
b_dec = torch.nn.Parameter(torch.zeros(d))
adam = torch.optim.Adam([W_enc, b_enc, W_dec, b_dec], lr=1e-6)


def step():
    a = torch.relu((x - b_dec) @ W_enc + b_enc)
    if kind == "topk":
        best = a.topk(k, dim=1)
        a = torch.zeros_like(a).scatter(1, best.indices, best.values)
    loss = (a @ W_dec + b_dec - x).pow(2).sum(1).mean()
    if kind == "standard":
        loss = loss + (a * W_dec.norm(dim=1)).sum(1).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
    return loss.item()


def milliseconds(work):
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def product():
    with torch.no_grad():
        x @ W_enc


rate = 0.0
for _ in sys.stdin:
    rate = max(rate, 2 * batch * width * d / milliseconds(product) / 1e6)
    print(json.dumps({"ms": milliseconds(step), "productRate": rate}), flush=True)
