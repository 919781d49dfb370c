# SPDX-License-Identifier: BSD-2-Clause
"""Servers on the test host's loopback, which QEMU's user network shows to the machine as 10.0.2.2."""
import hashlib
import http.server
import random
import socket
import struct
import threading

HOST = "10.0.2.2"


def pattern(size, seed=1):
    return random.Random(seed).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class HttpServer:
    """Answers every GET with the same bytes."""

    def __init__(self, data):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()


class TftpServer:
    """Answers every read request with the same bytes (RFC 1350), one client at a time. It stays on its port, for a NAT
    lets only the peer that was asked answer."""

    def __init__(self, data):
        self.data = data
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(2)
        self.port = self.socket.getsockname()[1]
        self.done = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _receive(self):
        try:
            return self.socket.recvfrom(2048)
        except TimeoutError:
            return b"", None

    def _serve(self):
        while not self.done:
            request, client = self._receive()
            if request[:2] == b"\0\1":
                self._send(client)

    def _send(self, client):
        for block in range(1, len(self.data) // 512 + 2):
            packet = struct.pack(">HH", 3, block) + self.data[(block - 1) * 512:block * 512]
            for _ in range(20):
                self.socket.sendto(packet, client)
                while (answer := self._receive()[0]) and answer != struct.pack(">HH", 4, block):
                    pass  # the answer to a packet that was sent twice
                if answer:
                    break
            else:
                return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.done = True
        self.thread.join()
        self.socket.close()
