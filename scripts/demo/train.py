"""Trains the demo language model (Llama layout, about 1.3 M parameters) and writes resources/demo/model.

usage: python scripts/demo/train.py TRAIN.txt resources/demo/model [--steps 3000] [--rate 3e-3] [--batch 48] [--from FOLDER]
--from goes on from the weights and the tokenizer of a model that this script wrote.
The text comes from scripts/demo/make-corpus.ts; what was learnt is examined by scripts/demo/measure.ts.
PyTorch, transformers and tokenizers are needed here and nowhere else.
"""
import argparse, json, math, os, time
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

EOT = "<|endoftext|>"
CONTEXT = 128


def make_tokenizer(text):
    """Byte-level BPE of 1,024 tokens; digits stand alone, so that arithmetic is on digits."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1024, special_tokens=[EOT], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(text[:4_000_000].split(EOT), trainer)
    return tokenizer


def ids_of(tokenizer, text):
    ids = []
    for encoding in tokenizer.encode_batch([t for t in text.split(EOT) if t]):
        ids.append(0)
        ids.extend(encoding.ids)
    return torch.tensor(ids, dtype=torch.long)


def rows_of(ids):
    """Packed rows, each beginning with the separator."""
    n = len(ids) // (CONTEXT - 1)
    rows = ids[: n * (CONTEXT - 1)].view(n, CONTEXT - 1)
    return torch.cat([torch.zeros(n, 1, dtype=torch.long), rows], 1)


def train(model, rows, steps, rate, size):
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    warm = min(60, 1 + steps // 10)
    began = time.time()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    for step in range(steps):
        for group in optimiser.param_groups:
            ramp = min(1, (step + 1) / warm)
            group["lr"] = rate * ramp * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        batch = rows[order[torch.arange(step * size, (step + 1) * size) % len(rows)]]
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 10 == 0:
            print(f"step {step} loss {loss.item():.4f} {time.time() - began:.0f} s", flush=True)


def save(model, tokenizer, folder):
    """A Hugging Face folder in half precision."""
    os.makedirs(folder, exist_ok=True)
    tensors = {k: v.half().contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    save_file(tensors, f"{folder}/model.safetensors", metadata={"format": "pt"})
    tokenizer.save(f"{folder}/tokenizer.json")
    settings = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 6, "num_attention_heads": 4,
        "num_key_value_heads": 4, "head_dim": 32, "max_position_embeddings": 256, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": True, "attention_bias": False,
        "mlp_bias": False, "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float16",
    }
    json.dump(settings, open(f"{folder}/config.json", "w"), indent=1)
    json.dump(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": EOT, "eos_token": EOT, "add_bos_token": True,
         "clean_up_tokenization_spaces": False, "model_max_length": 256},
        open(f"{folder}/tokenizer_config.json", "w"), indent=1,
    )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("train"), arguments.add_argument("out")
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--rate", type=float, default=3e-3)
    arguments.add_argument("--batch", type=int, default=48)
    arguments.add_argument("--from", dest="start")
    given = arguments.parse_args()
    torch.manual_seed(0)
    text = open(given.train).read()
    tokenizer = Tokenizer.from_file(f"{given.start}/tokenizer.json") if given.start else make_tokenizer(text)
    rows = rows_of(ids_of(tokenizer, text))
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=128, intermediate_size=352, num_hidden_layers=6,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=0, attention_bias=False, mlp_bias=False,
    )
    model = LlamaForCausalLM(config)
    if given.start:
        model.load_state_dict(load_file(f"{given.start}/model.safetensors"), strict=False)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {rows.numel():,} tokens", flush=True)
    train(model, rows, given.steps, given.rate, given.batch)
    save(model, tokenizer, given.out)


if __name__ == "__main__":
    main()
