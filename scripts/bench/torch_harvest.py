"""Hugging Face transformers running a checkpoint up to a layer, for comparison only: float32 on the CPU.

torch_harvest.py FOLDER LAYER ROWS CONTEXT THREADS runs ROWS × CONTEXT tokens to the residual stream before LAYER for
every line on stdin, and answers with a line of JSON.
"""
import json
import sys
import time

import torch
from transformers import AutoModel
from transformers.utils import logging

logging.disable_progress_bar()
folder, (layer, rows, context, threads) = sys.argv[1], map(int, sys.argv[2:6])
torch.set_num_threads(threads)
model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
# Blocks that the hook point does not need are not run, nor is the final norm.
if hasattr(model, "h"):
    model.h, model.ln_f = model.h[:layer], torch.nn.Identity()
else:
    model.layers, model.final_layer_norm = model.layers[:layer], torch.nn.Identity()
ids = torch.arange(rows * context).mul(7919).add(13).remainder(model.config.vocab_size).view(rows, context)

for _ in sys.stdin:
    began = time.perf_counter()
    with torch.inference_mode():
        model(ids, use_cache=False).last_hidden_state
    print(json.dumps({"ms": 1e3 * (time.perf_counter() - began)}), flush=True)
