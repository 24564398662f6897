"""A real MLflow server on a store of its own, and a door before it that can kill it in the middle of a request."""

import contextlib
import http.client
import http.server
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import threading
import time

from suite import free_port


class Server:
    """`mlflow server` with SQLite and proxied artifacts; it can be killed and started again on the same store."""

    def __init__(self, folder):
        self.folder, self.port, self.child = folder, free_port(), None
        self.folder.mkdir(parents=True)
        self.uri = f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [str(pathlib.Path(sys.executable).parent / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(self.port),
                   "--workers", "1", "--backend-store-uri", f"sqlite:///{self.folder}/store.db", "--artifacts-destination", f"{self.folder}/artifacts"]
        with open(self.folder / "log", "ab") as log:
            self.child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return self
            time.sleep(0.1)
        raise TimeoutError("the MLflow server does not start: " + (self.folder / "log").read_text()[-2000:])

    def kill(self):
        """Ends it and its workers, at once."""
        if self.child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.child = None


class Door(http.server.BaseHTTPRequestHandler):
    """Hands requests on. A request that has `server.trigger` in it kills the MLflow server before, amid or after its work."""

    def do(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        trigger, moment = self.server.trigger
        backend = http.client.HTTPConnection("127.0.0.1", self.server.backend.port, timeout=30)
        if trigger and trigger in f"{self.command} {self.path}":
            self.server.trigger = (None, None)
            if moment == "amid":
                backend.putrequest(self.command, self.path)
                backend.putheader("content-length", str(len(body)))
                backend.endheaders(body[:len(body) // 2])
                time.sleep(0.5)
            elif moment == "after":
                backend.request(self.command, self.path, body, {"content-type": "application/json"})
                backend.getresponse().read()
            self.server.backend.kill()
            self.close_connection = True
            return
        try:
            backend.request(self.command, self.path, body, {"content-type": self.headers.get("content-type", "")})
            answer = backend.getresponse()
            content = answer.read()
        except OSError:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def door(backend, trigger=(None, None), certificate=None):
    """A door before `backend`; with a certificate it speaks TLS. Gives its URI."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.backend, server.trigger = backend, trigger
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
