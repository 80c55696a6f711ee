"""Two metrics in the Prometheus text format: requests by status code, and a latency histogram."""

import threading
from collections import Counter

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class InferenceMetrics:
    """Counts inference requests only: probes and scrapes say nothing about the model."""

    def __init__(self, model: str, version: str) -> None:
        self._labels = f'model="{model}",version="{version}"'
        self._lock = threading.Lock()
        # Series exist from the start: the first failure must be an increase, not a new series.
        self._requests = Counter({200: 0, 400: 0, 500: 0})
        self._buckets = [0] * len(BUCKETS)
        self._count = 0
        self._sum = 0.0

    def observe(self, code: int, seconds: float) -> None:
        """Records one answered request."""
        with self._lock:
            self._requests[code] += 1
            self._count += 1
            self._sum += seconds
            for index, bound in enumerate(BUCKETS):
                if seconds <= bound:
                    self._buckets[index] += 1

    def text(self) -> str:
        """The exposition, version 0.0.4."""
        with self._lock:
            lines = ["# TYPE model_requests_total counter"]
            for code, count in sorted(self._requests.items()):
                lines.append(f'model_requests_total{{{self._labels},code="{code}"}} {count}')
            lines.append("# TYPE model_request_duration_seconds histogram")
            for bound, count in zip(BUCKETS, self._buckets, strict=True):
                lines.append(f'model_request_duration_seconds_bucket{{{self._labels},le="{bound}"}} {count}')
            lines.append(f'model_request_duration_seconds_bucket{{{self._labels},le="+Inf"}} {self._count}')
            lines.append(f"model_request_duration_seconds_sum{{{self._labels}}} {self._sum:.6f}")
            lines.append(f"model_request_duration_seconds_count{{{self._labels}}} {self._count}")
        return "\n".join(lines) + "\n"
