"""The AWS of a test at an address on this machine, so that other processes can ask it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber


@contextmanager
def aws_on_loopback(region: str) -> Iterator[str]:
    """Serves SSM and Secrets Manager as `mock_aws` holds them; the value for AWS_ENDPOINT_URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for its second half

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            # a signed request says whom it is for: Credential=KEY/DATE/REGION/SERVICE/aws4_request
            signed_for = re.search(r"/(\w+)/aws4_request", self.headers["Authorization"])
            assert signed_for is not None
            url = f"https://{signed_for[1]}.{region}.amazonaws.com{self.path}"
            request = AWSPreparedRequest(self.command, url, self.headers, body, False)
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

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
