"""A model server for one version of one model, told by its environment which: MODEL_NAME, MODEL_VERSION, MODEL_URI.

Loads that version's artifact from MLflow (MLFLOW_TRACKING_URI) and speaks the Open Inference Protocol v2 with
Prometheus metrics. Live at once, ready when the model is loaded, and after SIGTERM not ready but still serving for
DRAIN_SECONDS, until every proxy has stopped sending.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import artifact
from inference import BadRequest, infer, metadata
from metrics import InferenceMetrics


class ModelServer(ThreadingHTTPServer):
    """What all connections share."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, name: str, version: str) -> None:
        super().__init__(("", port), Handler)
        self.name, self.version = name, version
        self.metrics = InferenceMetrics(name, version)
        self.model: artifact.LoadedModel | None = None
        self.draining = False

    @property
    def ready(self) -> bool:
        return self.model is not None and not self.draining


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: ModelServer
    protocol_version = "HTTP/1.1"
    timeout = 120
    # One packet per answer: with two, the second waits for the first one's acknowledgement.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server = self.server
        model_path = f"/v2/models/{server.name}"
        version_path = f"{model_path}/versions/{server.version}"
        if self.path == "/metrics":
            self.answer(200, server.metrics.text().encode(), "text/plain; version=0.0.4")
        elif self.path == "/v2/health/live":
            self.answer_json(200, {"live": True})
        elif self.path in ("/v2/health/ready", f"{model_path}/ready", f"{version_path}/ready"):
            self.answer_json(200 if server.ready else 503, {"ready": server.ready})
        elif self.path == "/v2":
            self.answer_json(200, {"name": "demo-model-server", "version": "1", "extensions": []})
        elif self.path in (model_path, version_path) and server.model is not None:
            self.answer_json(200, metadata(server.name, server.version, server.model))
        else:
            self.answer_json(404, {"error": f"nothing at {self.path}"})

    def do_POST(self) -> None:
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        model_path = f"/v2/models/{server.name}"
        if self.path not in (f"{model_path}/infer", f"{model_path}/versions/{server.version}/infer"):
            self.answer_json(404, {"error": f"nothing at {self.path}"})
            return
        started = time.perf_counter()
        code, response = self.predict(body)
        server.metrics.observe(code, time.perf_counter() - started)
        self.answer_json(code, response)

    def predict(self, body: bytes) -> tuple[int, dict]:
        server = self.server
        if server.model is None:
            return 503, {"error": f"version {server.version} of {server.name} is not loaded yet"}
        try:
            return 200, infer(server.name, server.version, server.model, json.loads(body))
        except (BadRequest, json.JSONDecodeError) as error:
            return 400, {"error": str(error)}
        except Exception as error:  # noqa: BLE001 the model may raise anything
            print(traceback.format_exc(limit=-1), file=sys.stderr, flush=True)
            return 500, {"error": f"{type(error).__name__}: {error}"}

    def answer_json(self, code: int, content: dict) -> None:
        self.answer(code, json.dumps(content).encode(), "application/json")

    def answer(self, code: int, body: bytes, content_type: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        # On every answer, errors too: whoever gets it can tell which version gave it.
        self.send_header("X-Model-Version", self.server.version)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: metrics count the requests."""


def main() -> None:
    # As process 1 of a container there is no default action for signals.
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    name, version, uri = (os.environ[key] for key in ("MODEL_NAME", "MODEL_VERSION", "MODEL_URI"))
    server = ModelServer(int(os.environ.get("PORT", "8080")), name, version)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def load() -> None:
        started = time.perf_counter()
        try:
            server.model = artifact.load(os.environ["MLFLOW_TRACKING_URI"], uri)
        except Exception as error:  # noqa: BLE001 ends the process, with the cause
            print(f"cannot load {name} {version}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        print(f"{name} {version} loaded from {uri} in {time.perf_counter() - started:.1f} s", flush=True)

    threading.Thread(target=load, daemon=True).start()
    stop.wait()
    loaded = server.model is not None
    server.draining = True
    if loaded:
        time.sleep(float(os.environ.get("DRAIN_SECONDS", "5")))
    server.shutdown()


if __name__ == "__main__":
    main()
