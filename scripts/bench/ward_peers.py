"""What a careful Python user runs, timed by stage: TF-IDF by scikit-learn, condensed Euclidean distances from a blocked
sparse Gram matrix, Ward linkage by fastcluster or SciPy.

Usage: python3 scripts/bench/ward_peers.py docs.jsonl --impl fastcluster --reps 3
Prints one JSON line: median seconds by stage, peak memory in MB, merge heights.
"""
import argparse
import json
import resource
import statistics
import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

parser = argparse.ArgumentParser()
parser.add_argument("docs")
parser.add_argument("--impl", choices=["fastcluster", "scipy"], default="fastcluster")
parser.add_argument("--reps", type=int, default=1)
parser.add_argument("--heights", action="store_true")
parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
args = parser.parse_args()
if args.impl == "fastcluster":
    import fastcluster
else:
    import scipy.cluster.hierarchy

with open(args.docs, encoding="utf-8") as lines:
    texts = [json.loads(line)["text"] for line in lines]
n = len(texts)
clock = time.process_time if args.clock == "cpu" else time.perf_counter
seconds = {"text": [], "distances": [], "linkage": []}


def timed(stage, run):
    start = clock()
    result = run()
    seconds[stage].append(clock() - start)
    return result


def tfidf():
    return TfidfVectorizer(stop_words="english", token_pattern=r"(?u)\b\w\w+\b").fit_transform(texts)


def condensed(X, block=1000):
    D = np.empty(n * (n - 1) // 2)
    columns = X.T.tocsr()
    at = 0
    for start in range(0, n, block):
        products = (X[start:start + block] @ columns).toarray()
        for row, products_of_row in enumerate(products, start):
            right = products_of_row[row + 1:]
            np.sqrt(np.maximum(2 - 2 * right, 0), out=D[at:at + len(right)])
            at += len(right)
    return D


def ward(D):
    if args.impl == "fastcluster":
        return fastcluster.linkage(D, "ward", preserve_input=False)
    return scipy.cluster.hierarchy.linkage(D, "ward")


for _ in range(args.reps):
    X = timed("text", tfidf)
    D = timed("distances", lambda: condensed(X))
    Z = timed("linkage", lambda: ward(D))
    del D
print(json.dumps({
    "seconds": {stage: statistics.median(runs) for stage, runs in seconds.items()},
    "peakMemoryMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    "topHeight": Z[-1, 2],
    **({"heights": Z[:, 2].tolist()} if args.heights else {}),
}))
