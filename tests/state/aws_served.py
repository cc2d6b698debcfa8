"""The AWS of this process (moto's) at an address: other processes reach it over HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber

from simulator.wire.serve import running

#: A signed request says whom it is for: Credential=KEY/DATE/REGION/SERVICE/aws4_request.
SIGNED_FOR = re.compile(r"/([\w-]+)/(\w+)/aws4_request")
#: S3 looks at the condition and writes in one step; the stand-in alone does not.
ONE_AT_A_TIME = Lock()


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the AWS in this process."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for its second half

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        signed_for = SIGNED_FOR.search(self.headers["Authorization"])
        assert signed_for is not None
        region, service = signed_for.groups()
        url = f"https://{service}.{region}.amazonaws.com{self.path}"
        request = AWSPreparedRequest(self.command, url, self.headers, body, False)
        with ONE_AT_A_TIME:
            response = botocore_stubber.process_request(request)
        assert response is not None
        status, headers, answer = response
        data = answer.encode() if isinstance(answer, str) else answer
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "date", "server"}:
                self.send_header(name, str(value))
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_PUT = do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Every service, at one address: the value for AWS_ENDPOINT_URL."""
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"
