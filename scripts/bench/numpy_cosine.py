"""numpy's BLAS doing what the comparison does, for comparison only: all cosines in tiles, edges above a floor.

numpy_cosine.py A B D FLOOR answers every line on stdin with a line of JSON: milliseconds of products and of the whole.
"""
import json
import sys
import time

import numpy as np

a_count, b_count, d = map(int, sys.argv[1:4])
floor = float(sys.argv[4])
random = np.random.default_rng(1)
unit = lambda n: (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))(random.standard_normal((n, d), dtype=np.float32))
a, b = unit(a_count), unit(b_count)

for _ in sys.stdin:
    began, products, edges = time.perf_counter(), 0.0, 0
    best_of_b = np.full(b_count, -2, np.float32)
    for i in range(0, a_count, 2048):
        start = time.perf_counter()
        tile = a[i : i + 2048] @ b.T
        products += time.perf_counter() - start
        np.maximum(best_of_b, tile.max(axis=0), out=best_of_b)
        tile.max(axis=1)
        edges += int(np.count_nonzero(tile > floor))
    print(json.dumps({"ms": 1e3 * (time.perf_counter() - began), "productMs": 1e3 * products, "edges": edges}), flush=True)
