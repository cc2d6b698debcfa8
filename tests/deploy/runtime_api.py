"""A Lambda on this machine: AWS's own runtime client as a process, and the API that feeds it.

What the service does around a function is done here: it starts the process at the first event
(cold), keeps it for the next (warm), and kills it without a word when its time is up.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
ENTRY = Path(__file__).parent / "function"
#: Another folder or Python to run: that of a bundle, see docs/aws.md.
TASK_ROOT = Path(os.environ.get("BUNDLE", ROOT))
PYTHON = os.environ.get("BUNDLE_PYTHON", sys.executable)
#: As in template.yaml.
TIMEOUT_S = 60.0
NEXT = "/2018-06-01/runtime/invocation/next"


@dataclass(frozen=True)
class Ended:
    """How an invocation ended: "response", "error", "init/error", "exit" or "timeout"."""

    how: str
    body: Any
    process: int
    milliseconds: float


class Api(ThreadingHTTPServer):
    """The Runtime API's server; a client that was killed is no fault of it."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Only what is not the end of a process is reported."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class Function:
    """One function, one process at a time. `lines` is what it has printed, its log."""

    environment: Mapping[str, str]
    name: str
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    events: "queue.Queue[tuple[str, Any, float]]" = field(default_factory=queue.Queue)
    answers: "queue.Queue[tuple[str, str, Any]]" = field(default_factory=queue.Queue)
    count: int = 0

    def __enter__(self) -> Self:
        """Open the API; no process yet."""
        self.server = Api(("127.0.0.1", 0), _handler(self))
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and the API."""
        self.kill()
        self.server.shutdown()
        self.server.server_close()

    @property
    def lines(self) -> str:
        """Everything printed so far."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def invoke(self, event: object, time_is_up: Callable[[], bool] = lambda: False) -> Ended:
        """Hand an event over and wait for its end; the process is killed when its time is up."""
        began = time.monotonic()
        if self.process is None:
            self.process = self._start()
        self.count += 1
        request = f"{self.name}-{self.count}"
        self.events.put((request, event, time.time() + TIMEOUT_S))
        process = self.process.pid
        how, body = "", None
        while not how:
            try:
                how, answered, body = self.answers.get(timeout=0.05)
                assert answered in (request, "")
            except queue.Empty:
                if time_is_up() or time.monotonic() - began > TIMEOUT_S:
                    how = "timeout"
                elif self.process.poll() is not None:
                    how = "exit"
        if how not in ("response", "error"):
            self.kill()
        return Ended(how, body, process, (time.monotonic() - began) * 1000)

    def kill(self) -> None:
        """SIGKILL, as the service does when time is up or the environment is given up."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [PYTHON, "-m", "awslambdaric", "entry.lambda_handler"],
                cwd=TASK_ROOT,
                stdout=log,
                stderr=log,
                env={
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
                    "AWS_LAMBDA_FUNCTION_NAME": self.name,
                    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                    "LAMBDA_TASK_ROOT": str(TASK_ROOT),
                    "PYTHONPATH": f"{TASK_ROOT}:{ENTRY}",
                    "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's disk cannot be written
                    **self.environment,
                },
            )


def failure_of(event: object, ended: Ended) -> dict[str, Any]:
    """The envelope that the service sends to a failure destination, as AWS documents it."""
    return {
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": {
            "requestId": "e4b46cbf",
            "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:revert-run:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": ended.body or {"errorMessage": "Task timed out"},
    }


def _handler(function: Function) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """The Runtime API: next event, its answer, its error."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == NEXT
            request, event, deadline = function.events.get()
            body = json.dumps(event).encode()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", request)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int(deadline * 1000)))
            self.send_header(
                "Lambda-Runtime-Invoked-Function-Arn",
                f"arn:aws:lambda:eu-central-1:123456789012:function:{function.name}",
            )
            self.send_header("Content-Type", "application/json")  # the client crashes without
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            *_, request, how = self.path.split("/")
            if self.path.endswith("/init/error"):
                request, how = "", "init/error"
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            function.answers.put((how, request, json.loads(body) if body else None))

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler
