"""The artifact read by msgpack, and its Shapley values by the definition: the worth of all coalitions, in numpy."""

import math

import msgpack
import numpy as np

LEAF = 255
FEATURES = 8
COALITIONS = np.arange(2**FEATURES)


class Model:
    def __init__(self, path):
        artifact = msgpack.unpackb(path.read_bytes(), strict_map_key=False)
        self.link = artifact["link"]
        self.columns = {name: np.asarray(column) for name, column in artifact["forest"].items()}

    def probability(self, sums):
        if self.link == "mean":
            return sums / len(self.columns["root"])
        return 1 / (1 + np.exp(-(self.link["logistic"]["bias"] + sums)))

    def worth(self, rows):
        """Rows x coalitions: the probability where a coalition's features are known and the others spread by the covers."""
        columns = self.columns

        def answer(node):
            feature = columns["feature"][node]
            if feature == LEAF:
                return np.full((1, 1), columns["value"][node])
            children = columns["left"][node], columns["right"][node]
            left, right = map(answer, children)
            left_cover, right_cover = (np.float64(columns["cover"][child]) for child in children)
            share = left_cover / (left_cover + right_cover)
            goes_left = (rows[:, feature] <= np.float32(columns["threshold"][node])).astype(float)[:, None]
            weight = np.where(COALITIONS >> feature & 1, goes_left, share)
            return weight * left + (1 - weight) * right

        return self.probability(sum(answer(root) for root in columns["root"]))

    def shapley(self, rows):
        """Base values (rows) and contributions (rows x features)."""
        worth = self.worth(rows)
        size = np.array([int(coalition).bit_count() for coalition in COALITIONS])
        parts = np.zeros((len(rows), FEATURES))
        for feature in range(FEATURES):
            without = COALITIONS[COALITIONS >> feature & 1 == 0]
            weight = np.array([math.factorial(n) * math.factorial(FEATURES - 1 - n) for n in size[without]]) / math.factorial(FEATURES)
            parts[:, feature] = (worth[:, without | 1 << feature] - worth[:, without]) @ weight
        return worth[:, 0], parts
