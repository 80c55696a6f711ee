"""Fetches one model version's artifact from MLflow and loads it."""

import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import quote

import yaml

# The only type that skops does not trust by itself in what train.py produces.
TRUSTED_TYPES = ["sklearn.tree._tree.Tree"]
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5.0


class ArtifactError(Exception):
    """The artifact is not there or is not what it should be; trying again would not help."""


@dataclass(frozen=True)
class LoadedModel:
    """A fitted classifier and its signature: [{"name", "type"}], in the order of its columns."""

    classifier: object
    inputs: list[dict]


def artifact_url(tracking_uri: str, uri: str) -> str:
    """The http address of an `mlflow-artifacts:` URI, which MLflow's own server hands out for what it stores itself."""
    scheme, _, path = uri.partition(":")
    if scheme != "mlflow-artifacts":
        raise ArtifactError(f"MODEL_URI is {uri!r}: only mlflow-artifacts: URIs can be loaded")
    path = re.sub(r"^//[^/]*", "", path).strip("/")
    return f"{tracking_uri.rstrip('/')}/api/2.0/mlflow-artifacts/artifacts/{quote(path)}"


def fetch(url: str) -> bytes:
    """Reads a file; waits for a registry that is down, gives up on a file that does not exist."""
    delay = FIRST_RETRY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise ArtifactError(f"GET {url} answered {error.code}") from error
            cause = f"answered {error.code}"
        except OSError as error:
            cause = str(error)
        print(f"artifact not available yet, next try in {delay:g} s: GET {url}: {cause}", flush=True)
        time.sleep(delay)
        delay = min(delay * 2, LONGEST_RETRY_SECONDS)


def load(tracking_uri: str, uri: str) -> LoadedModel:
    """Downloads and loads the version behind `uri`."""
    base = artifact_url(tracking_uri, uri)
    mlmodel = yaml.safe_load(fetch(f"{base}/MLmodel"))
    try:
        flavor = mlmodel["flavors"]["sklearn"]
        file, serialization = flavor["pickled_model"], flavor["serialization_format"]
        inputs = json.loads(mlmodel["signature"]["inputs"])
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"{base}/MLmodel is not a scikit-learn model with a signature: no {error}") from error
    if serialization != "skops":
        raise ArtifactError(f"the model is stored as {serialization}: only skops is loaded, pickles run code")
    content = fetch(f"{base}/{file}")
    from skops.io import loads  # Takes a second; done after the probes answer.

    return LoadedModel(loads(content, trusted=TRUSTED_TYPES), inputs)
