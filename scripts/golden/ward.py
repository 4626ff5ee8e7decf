"""Golden Ward linkages by SciPy. Usage: python3 scripts/golden/ward.py > test/golden/ward.json"""
import json

import numpy as np
import scipy
from scipy.cluster.hierarchy import linkage

rng = np.random.default_rng(4)


def case(n, terms, words):
    """Rows of length 1 with a few terms each, rounded so that both sides read the same numbers."""
    X = np.zeros((n, terms))
    for row in X:
        for term in rng.integers(0, terms, words):
            row[term] += rng.random()
        row /= np.linalg.norm(row)
    X = X.round(6)
    return {"X": X.tolist(), "Z": linkage(X, "ward").tolist()}


print(json.dumps({
    "peer": {"scipy": scipy.__version__},
    "script": "scripts/golden/ward.py",
    "cases": [
        {"X": [[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "Z": linkage([[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "ward").tolist()},
        case(20, 12, 6),
        case(48, 30, 10),
    ],
}))
