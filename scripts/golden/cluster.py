"""Golden figures for text and clustering, by scikit-learn and SciPy. Usage: python3 scripts/golden/cluster.py > test/golden/cluster.json"""
import json

import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import cophenet, fcluster, leaves_list, linkage
from scipy.spatial.distance import pdist
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

texts = [
    "masked patches of an image are restored by a decoder",
    "a decoder restores masked patches of a video",
    "contrastive learning compares two views of an image",
    "two views of a video are compared by contrastive learning",
    "point clouds are masked and restored",
    "Schrödinger equations mask nothing at all",
    "attention guides which patches of an image are masked",
]
vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b")
X = vectorizer.fit_transform(texts).toarray()
sublinear = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b", sublinear_tf=True, min_df=2).fit_transform(texts).toarray()
D = pdist(X)
Z = linkage(D, "ward")
rng = np.random.default_rng(1)
a, b = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
labels = fcluster(Z, 3, "maxclust")
square = scipy.spatial.distance.squareform(D)
print(json.dumps({
    "peers": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
    "script": "scripts/golden/cluster.py",
    "texts": texts,
    "terms": vectorizer.get_feature_names_out().tolist(),
    "tfidf": X.tolist(),
    "sublinear": sublinear.tolist(),
    "pdist": D.tolist(),
    "Z": Z.tolist(),
    "leaves": leaves_list(Z).tolist(),
    "cophenet": cophenet(Z).tolist(),
    "cophenetic_correlation": float(cophenet(Z, D)[0]),
    "fcluster3": labels.tolist(),
    "silhouette": float(silhouette_score(square, labels, metric="precomputed")),
    "a": a.tolist(),
    "b": b.tolist(),
    "ari": float(adjusted_rand_score(a, b)),
    "nmi": float(normalized_mutual_info_score(a, b)),
    "points": {"X": [[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "Z": linkage([[0, 0], [0, 1], [4, 0], [4, 3], [9, 9]], "ward").tolist()},
}))
