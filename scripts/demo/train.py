"""Trains the demo language model (Llama layout, about 1.3 M parameters) and writes resources/demo/model.

usage: python scripts/demo/train.py TRAIN.txt HELD_OUT.txt resources/demo/model [--steps 3000] [--from FOLDER]
--from goes on from the weights and the tokenizer of a model that this script wrote.
The texts come from scripts/demo/make-corpus.ts. PyTorch, transformers and tokenizers are needed here and nowhere else.
"""
import argparse, json, math, os, re, time
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

EOT = "<|endoftext|>"
CONTEXT, BATCH = 128, 48


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


def train(model, rows, steps):
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
    warm = 60
    began = time.time()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    for step in range(steps):
        for group in optimiser.param_groups:
            ramp = min(1, (step + 1) / warm)
            group["lr"] = 3e-3 * ramp * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        batch = rows[order[torch.arange(step * BATCH, (step + 1) * BATCH) % len(rows)]]
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 25 == 0:
            print(f"step {step} loss {loss.item():.4f} {time.time() - began:.0f} s", flush=True)


@torch.no_grad()
def report(model, tokenizer, held_out, rows):
    """What the model has learnt, on text it has not seen."""
    losses = [model(input_ids=r, labels=r).loss.item() for r in rows[:256].split(32)]
    documents = [t for t in held_out.split(EOT) if t]

    def next_logits(prefix):
        ids = torch.tensor([[0] + tokenizer.encode(prefix).ids])
        return model(input_ids=ids).logits[0, -1]

    def first(text):
        return tokenizer.encode(text).ids[0]

    ioi, ioi_total = 0, 0
    weekday, weekday_total = 0, 0
    closing, closing_total = 0, 0
    sums, sums_total = 0, 0
    pattern = re.compile(r"(?:Then|Later,|After that,|One day,) (\w+) and (\w+) (?:went|came|met).*?\. (\w+) \w+ an? \w+ to (\w+)\.")
    for text in documents[:600]:
        for m in pattern.finditer(text):
            other = m[3]
            logits = next_logits(text[: m.start(4) - 1])
            ioi += int(logits[first(" " + m[4])] > logits[first(" " + other)])
            ioi_total += 1
        for m in re.finditer(r"The days are ([^.]*)\.", text):
            days = m[1].split(", ")
            if len(days) >= 3:
                prefix = text[: m.start(1)] + ", ".join(days[:-1]) + ","
                weekday += int(next_logits(prefix).argmax() == first(" " + days[-1]))
                weekday_total += 1
        for m in re.finditer(r"Box:[^\n]*\.", text):
            at = m[0].rfind(" ")
            closing += int(next_logits(text[: m.start() + at]).argmax() == first(m[0][at:]))
            closing_total += 1
        for m in re.finditer(r"(\d) ([+-]) (\d) =( \d+)\.", text):
            want = tokenizer.encode(m[4]).ids
            got, prefix = [], [0] + tokenizer.encode(text[: m.start(4)]).ids
            for _ in want:
                got.append(int(model(input_ids=torch.tensor([prefix + got])).logits[0, -1].argmax()))
            sums += int(got == want)
            sums_total += 1
    return {
        "held-out loss (nats per token)": round(sum(losses) / len(losses), 4),
        "indirect object preferred over the giver": f"{ioi} of {ioi_total} ({100 * ioi / ioi_total:.1f} %)",
        "next weekday": f"{weekday} of {weekday_total} ({100 * weekday / weekday_total:.1f} %)",
        "last closing bracket": f"{closing} of {closing_total} ({100 * closing / closing_total:.1f} %)",
        "sums and differences": f"{sums} of {sums_total} ({100 * sums / sums_total:.1f} %)",
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("train"), arguments.add_argument("held_out"), arguments.add_argument("out")
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--from", dest="start")
    given = arguments.parse_args()
    torch.manual_seed(0)
    text, held_out = open(given.train).read(), open(given.held_out).read()
    tokenizer = Tokenizer.from_file(f"{given.start}/tokenizer.json") if given.start else make_tokenizer(text)
    rows, held_rows = rows_of(ids_of(tokenizer, text)), rows_of(ids_of(tokenizer, held_out))
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=128, intermediate_size=352, num_hidden_layers=6,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=0, attention_bias=False, mlp_bias=False,
    )
    model = LlamaForCausalLM(config)
    if given.start:
        model.load_state_dict(load_file(f"{given.start}/model.safetensors"), strict=False)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {rows.numel():,} tokens", flush=True)
    train(model, rows, given.steps)
    # What is measured is what is shipped: half precision, read back as float32.
    model = model.half().float().eval()
    os.makedirs(given.out, exist_ok=True)
    tensors = {k: v.half().contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    save_file(tensors, f"{given.out}/model.safetensors", metadata={"format": "pt"})
    tokenizer.save(f"{given.out}/tokenizer.json")
    settings = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": config.vocab_size,
        "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 6, "num_attention_heads": 4,
        "num_key_value_heads": 4, "head_dim": 32, "max_position_embeddings": 256, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": True, "attention_bias": False,
        "mlp_bias": False, "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float16",
    }
    json.dump(settings, open(f"{given.out}/config.json", "w"), indent=1)
    json.dump(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": EOT, "eos_token": EOT, "add_bos_token": True,
         "clean_up_tokenization_spaces": False, "model_max_length": 256},
        open(f"{given.out}/tokenizer_config.json", "w"), indent=1,
    )
    learnt = report(model, tokenizer, held_out, held_rows)
    json.dump(learnt, open(f"{given.out}/learnt.json", "w"), indent=1)
    print(json.dumps(learnt, indent=1))


if __name__ == "__main__":
    main()
