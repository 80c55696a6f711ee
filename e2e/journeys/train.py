"""Trains a small fraud classifier in several versions and registers each in MLflow, in order.

Every version is a real scikit-learn pipeline with its own data, estimator, metrics and artifact. Version 3 is the bad
one, and bad in an ordinary way: it was trained on an export from before the payment channel "wallet" existed, with an
encoder that refuses categories it has not seen. Its validation data has the same gap, so its offline metrics look as
good as those of the others, and it fails only on the share of live requests that come from wallets.

    train.py --tracking-uri http://127.0.0.1:5000 [--model fraud]

Prints one JSON object per version: {"version", "auc", "runId", "summary"}.
"""

import argparse
import json
import logging
import os
from dataclasses import dataclass

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow
import numpy as np
import sklearn
import skops
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CHANNELS = ["web", "app", "terminal", "wallet"]
# Trees come from our own training run; skops asks before it loads them, here and in the server.
TRUSTED_TYPES = ["sklearn.tree._tree.Tree"]
NUMBERS = ["amount", "account_age_days", "hour"]
SIGNATURE = ModelSignature(
    inputs=Schema([*(ColSpec("double", name) for name in NUMBERS), ColSpec("string", "channel")]),
    outputs=Schema([ColSpec("double", "probability")]),
)


@dataclass(frozen=True)
class Recipe:
    """How one version is made."""

    summary: str
    estimator: object
    channels: tuple[str, ...] = tuple(CHANNELS)
    unknown_channels: str = "ignore"


RECIPES = [
    Recipe("logistic regression", LogisticRegression(max_iter=500)),
    Recipe("gradient boosting", GradientBoostingClassifier(n_estimators=40, random_state=2)),
    Recipe(
        "gradient boosting, retrained on an export without wallets",
        GradientBoostingClassifier(n_estimators=60, random_state=3),
        channels=("web", "app", "terminal"),
        unknown_channels="error",
    ),
    Recipe("gradient boosting, retrained on all channels", GradientBoostingClassifier(n_estimators=60, random_state=4)),
    Recipe("random forest", RandomForestClassifier(n_estimators=30, max_depth=8, random_state=5)),
]


def payments(count: int, channels: tuple[str, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Payments and whether each was fraud: large amounts, young accounts, nights and wallets are riskier."""
    random = np.random.default_rng(seed)
    amount = random.lognormal(3.5, 1.1, count)
    age = random.exponential(400, count)
    hour = random.integers(0, 24, count)
    channel = random.choice(np.array(channels), count)
    score = (
        0.9 * np.log(amount) - 0.004 * age + 0.8 * ((hour < 6) | (hour > 22)) + 1.1 * (channel == "wallet") - 4.2
    )
    fraud = random.random(count) < 1 / (1 + np.exp(-score))
    return np.column_stack([amount, age, hour, channel]).astype(object), fraud.astype(int)


def pipeline(recipe: Recipe):
    """Columns are addressed by position: the server needs no data frames."""
    numbers = list(range(len(NUMBERS)))
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), numbers),
            ("channel", OneHotEncoder(handle_unknown=recipe.unknown_channels, sparse_output=False), [len(NUMBERS)]),
        ]
    )
    return make_pipeline(columns, recipe.estimator)


def train(model: str, number: int, recipe: Recipe) -> dict:
    """Fits, measures on held-out data of the same origin, logs and registers one version."""
    with mlflow.start_run(run_name=f"{model} {number}: {recipe.summary}") as run:
        fitted = pipeline(recipe).fit(*payments(4000, recipe.channels, seed=number))
        held_out, truth = payments(2000, recipe.channels, seed=100 + number)
        auc = float(roc_auc_score(truth, fitted.predict_proba(held_out)[:, 1]))
        mlflow.log_params({"estimator": type(recipe.estimator).__name__, "channels": ",".join(recipe.channels)})
        mlflow.log_metric("auc", auc)
        info = mlflow.sklearn.log_model(
            fitted,
            name="model",
            signature=SIGNATURE,
            registered_model_name=model,
            skops_trusted_types=TRUSTED_TYPES,
            pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"skops=={skops.__version__}"],
        )
    version = str(info.registered_model_version)
    mlflow.MlflowClient().update_model_version(model, version, description=recipe.summary)
    return {"version": version, "auc": round(auc, 4), "runId": run.info.run_id, "summary": recipe.summary}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tracking-uri", required=True)
    parser.add_argument("--model", default="fraud")
    options = parser.parse_args()
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(options.tracking_uri)
    mlflow.set_experiment(options.model)
    for number, recipe in enumerate(RECIPES, start=1):
        print(json.dumps(train(options.model, number, recipe)), flush=True)


if __name__ == "__main__":
    main()
