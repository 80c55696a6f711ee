"""The Open Inference Protocol v2 in JSON: from a request's tensors to rows, from probabilities to a response."""

from artifact import LoadedModel

DATATYPES = {"double": "FP64", "float": "FP32", "long": "INT64", "integer": "INT32", "string": "BYTES"}


class BadRequest(Exception):
    """The request does not fit the protocol or the model's signature."""


def metadata(name: str, version: str, model: LoadedModel) -> dict:
    """What GET /v2/models/NAME answers."""
    return {
        "name": name,
        "versions": [version],
        "platform": "sklearn",
        "inputs": [
            {"name": column["name"], "datatype": DATATYPES[column["type"]], "shape": [-1]} for column in model.inputs
        ],
        "outputs": [{"name": "probability", "datatype": "FP64", "shape": [-1]}],
    }


def rows(request: object, model: LoadedModel) -> list[list]:
    """One row per instance, columns in the order of the signature."""
    tensors = request.get("inputs") if isinstance(request, dict) else None
    if not isinstance(tensors, list):
        raise BadRequest("the request has no list of inputs")
    by_name = {tensor.get("name"): tensor.get("data") for tensor in tensors if isinstance(tensor, dict)}
    columns = []
    for column in model.inputs:
        data = by_name.get(column["name"])
        if not isinstance(data, list) or len(data) == 0:
            raise BadRequest(f"input {column['name']} is missing")
        wanted = str if column["type"] == "string" else (int, float)
        if not all(isinstance(value, wanted) and not isinstance(value, bool) for value in data):
            raise BadRequest(f"input {column['name']} must hold values of type {DATATYPES[column['type']]}")
        columns.append(data)
    if len({len(column) for column in columns}) != 1:
        raise BadRequest("the inputs have different lengths")
    return [list(row) for row in zip(*columns, strict=True)]


def infer(name: str, version: str, model: LoadedModel, request: dict) -> dict:
    """Answers one request. Whatever the model raises goes to the caller: it is the model's failure."""
    instances = rows(request, model)
    import numpy  # Loaded long ago, with the model.

    probabilities = model.classifier.predict_proba(numpy.array(instances, dtype=object))[:, 1]
    output = {"name": "probability", "datatype": "FP64", "shape": [len(instances)], "data": probabilities.tolist()}
    response = {"model_name": name, "model_version": version, "outputs": [output]}
    return {"id": request["id"], **response} if "id" in request else response
