"""Golden TF-IDF matrices by scikit-learn. Usage: python3 scripts/golden/vectorizer.py > test/golden/vectorizer.json"""
import json

import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer

texts = [
    "Masked patches of an image are restored by a decoder, and the decoder is small",
    "A decoder restores masked patches of a video; masked tubes of the video too",
    "Contrastive learning compares two views of an image: the views of the image agree",
    "Two views of a video are compared by contrastive learning and by nothing else",
    "Point clouds are masked and restored, masked and restored, masked and restored",
    "Schrödinger equations mask nothing; ÉCOLE d'été, naïve café, Größe, ΑΘΗΝΑ",
    "Attention guides which patches of an image are masked",
    "маскированные участки изображения и видео, 数据集 上 的 掩码 图像",
    "",
]
stop_words = ["a", "an", "and", "are", "by", "of", "the", "too", "которые"]
cases = {
    "words": {},
    "sublinear": {"sublinear_tf": True},
    "runs of two words": {"ngram_range": (1, 2)},
    "runs of three words without stop words": {"ngram_range": (1, 3), "stop_words": stop_words},
    "terms in two documents or more": {"min_df": 2},
    "terms in a third of the documents at most": {"max_df": 1 / 3},
    "all at once": {"ngram_range": (1, 2), "stop_words": stop_words, "min_df": 2, "max_df": 0.5, "sublinear_tf": True},
}


def matrix(options):
    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b", **options)
    X = vectorizer.fit_transform(texts)
    X.sort_indices()
    return {
        "terms": vectorizer.get_feature_names_out().tolist(),
        "idf": vectorizer.idf_.tolist(),
        "indptr": X.indptr.tolist(),
        "indices": X.indices.tolist(),
        "data": X.data.tolist(),
    }


print(json.dumps({
    "peer": {"scikit-learn": sklearn.__version__},
    "script": "scripts/golden/vectorizer.py",
    "texts": texts,
    "stopWords": stop_words,
    "cases": {name: matrix(options) for name, options in cases.items()},
}, ensure_ascii=False))
