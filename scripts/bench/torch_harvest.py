"""Hugging Face transformers running a checkpoint up to a layer, for comparison only: float32 on the CPU.

torch_harvest.py FOLDER LAYER ROWS CONTEXT THREADS BATCHES runs so many batches of ROWS × CONTEXT tokens to the residual
stream before LAYER for every line on stdin, and answers with a line of JSON.
"""
import json
import sys
import time

import torch
from transformers import AutoModel
from transformers.utils import logging

logging.disable_progress_bar()
folder, (layer, rows, context, threads, batches) = sys.argv[1], map(int, sys.argv[2:7])
torch.set_num_threads(threads)
model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
# Blocks that the hook point does not need are not run, nor is the final norm.
if hasattr(model, "h"):
    model.h, model.ln_f = model.h[:layer], torch.nn.Identity()
else:
    model.layers, model.final_layer_norm = model.layers[:layer], torch.nn.Identity()
ids = torch.arange(batches * rows * context).mul(7919).add(13).remainder(model.config.vocab_size)

for _ in sys.stdin:
    began, cpu_began = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        for batch in ids.view(batches, rows, context):
            model(batch, use_cache=False).last_hidden_state
    took = {"ms": 1e3 * (time.perf_counter() - began), "cpuMs": 1e3 * (time.process_time() - cpu_began)}
    print(json.dumps(took), flush=True)
