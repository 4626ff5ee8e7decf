"""Golden figures of what explains a clustering, by scikit-learn and SciPy. Usage: python3 scripts/golden/explain.py > test/golden/explain.json"""
import json

import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist, squareform
from scipy.stats import chi2_contingency, rankdata
from sklearn.metrics import (
    adjusted_mutual_info_score,
    calinski_harabasz_score,
    homogeneity_completeness_v_measure,
    roc_auc_score,
    silhouette_score,
)

rng = np.random.default_rng(4)


def path_length(order, D):
    square = squareform(D)
    return float(square[order[:-1], order[1:]].sum())


X = np.round(rng.normal(size=(40, 4)), 6)
D = pdist(X)
Z = linkage(D, "ward")
leaf_orders = [{"method": "ward", "Z": Z.tolist(), "D": D.tolist(), "length": path_length(leaves_list(optimal_leaf_ordering(Z, D)), D)}]
anyD = np.round(rng.uniform(1, 2, size=25 * 24 // 2), 6)
for method in ["single", "complete"]:
    anyZ = linkage(anyD, method)
    leaf_orders.append({"method": method, "Z": anyZ.tolist(), "D": anyD.tolist(), "length": path_length(leaves_list(optimal_leaf_ordering(anyZ, anyD)), anyD)})

a, b = rng.integers(0, 5, 80), rng.integers(0, 7, 80)
h, c, v = homogeneity_completeness_v_measure(a, b)
cuts = [fcluster(Z, k, "maxclust") for k in range(2, 9)]
groups = rng.integers(0, 3, 40)
square = squareform(D)
chance = []
for i in range(40):
    rest = np.arange(40) != i
    chance.append(float(roc_auc_score(groups[rest] == groups[i], -square[i, rest])))
has = [sorted(rng.choice(40, size, replace=False).tolist()) for size in (4, 15, 30)]
labels = cuts[3]
residuals = []
for docs in has:
    member = np.isin(np.arange(40), docs)
    for k in range(1, labels.max() + 1):
        table = [[int((member & (labels == k)).sum()), int((member & (labels != k)).sum())], [int((~member & (labels == k)).sum()), int((~member & (labels != k)).sum())]]
        chi2, _, _, expected = chi2_contingency(table, correction=False)
        residuals.append({"expected": float(expected[0][0]), "residual": float(np.sign(table[0][0] - expected[0][0]) * np.sqrt(chi2))})
tied = rng.integers(0, 9, 30).tolist()
print(json.dumps({
    "peers": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
    "script": "scripts/golden/explain.py",
    "leafOrders": leaf_orders,
    "a": a.tolist(), "b": b.tolist(),
    "ami": float(adjusted_mutual_info_score(a, b)),
    "homogeneity": float(h), "completeness": float(c), "vMeasure": float(v),
    "cuts": [{"clusters": k, "labels": labels.tolist(), "calinskiHarabasz": float(calinski_harabasz_score(X, labels)), "silhouette": float(silhouette_score(X, labels))} for k, labels in enumerate(cuts, 2)],
    "groups": groups.tolist(), "ownGroupChance": chance,
    "has": has, "labels": labels.tolist(), "residuals": residuals,
    "tied": tied, "ranks": rankdata(tied).tolist(),
}))
