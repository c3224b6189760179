"""Opens what make-exports.ts wrote with the loaders of SAELens and dictionary_learning themselves, and compares codes and
reconstructions. Not part of npm test: it needs both libraries installed. Prints the largest difference of each.

    python check_exports.py <folder>
"""

import json
import sys
from pathlib import Path

import torch

FOLDER = Path(sys.argv[1])
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
X = torch.tensor(EXPECTED["x"])
TOLERANCE = 1e-5


def difference(sae, each, forward):
    with torch.no_grad():
        codes = sae.encode(X)
        # SAELens undoes a normalisation with what it remembers of its last input.
        out = forward(sae, codes)
    return max((codes - torch.tensor(each["codes"])).abs().max().item(), (out - torch.tensor(each["out"])).abs().max().item())


def check(library, names_and_differences):
    worst = 0.0
    for name, found in names_and_differences:
        worst = max(worst, found)
        if not found <= TOLERANCE:
            sys.exit(f"{library}, {name}: differs by {found}")
    print(f"{library}: largest difference {worst:.1e}")


def by_saelens():
    from sae_lens import SAE

    for each in EXPECTED["saes"]:
        sae = SAE.load_from_disk(FOLDER / "saelens" / each["name"])
        assert sae.cfg.metadata.hook_name == "blocks.1.hook_resid_pre"
        yield each["name"], difference(sae, each, lambda sae, codes: sae(X))


def by_dictionary_learning():
    from dictionary_learning.utils import load_dictionary

    for each in EXPECTED["saes"]:
        if not each["inDictionaryLearning"]:
            continue
        dictionary, config = load_dictionary(str(FOLDER / "dictionary_learning" / each["name"]), "cpu")
        if config["trainer"]["dict_class"] == "AutoEncoder":
            # Its loader folds the decoder norm; codes are then in units of the activation.
            norms = torch.load(FOLDER / "dictionary_learning" / each["name"] / "ae.pt", weights_only=True)["decoder.weight"].norm(dim=0)
            each = {**each, "codes": (torch.tensor(each["codes"]) * norms).tolist()}
        yield each["name"], difference(dictionary, each, lambda sae, codes: sae.decode(codes))


check("SAELens", by_saelens())
check("dictionary_learning", by_dictionary_learning())
