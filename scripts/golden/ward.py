"""Golden Ward linkages by SciPy. Usage: python3 scripts/golden/ward.py > test/golden/ward.json"""
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.cluster.hierarchy import linkage
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer

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


def real(n):
    """The first abstracts of the survey's papers by their word counts, one of each, rounded as well."""
    with open(Path(__file__).parents[2] / "data/term-counts.jsonl", encoding="utf-8") as lines:
        counts = [json.loads(line)["counts"] for line in lines][:n]
    X = TfidfTransformer().fit_transform(DictVectorizer().fit_transform(counts)).toarray().round(5)
    S = scipy.sparse.csr_matrix(X)
    sparse = {"indptr": S.indptr.tolist(), "indices": S.indices.tolist(), "data": S.data.tolist(), "shape": S.shape}
    return {"sparse": sparse, "Z": linkage(X, "ward").tolist()}


print(json.dumps({
    "peer": {"scipy": scipy.__version__},
    "script": "scripts/golden/ward.py",
    "cases": [
        {"X": [[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "Z": linkage([[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "ward").tolist()},
        case(20, 12, 6),
        case(48, 30, 10),
        real(60),
    ],
}))
