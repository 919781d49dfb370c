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
    """Answers every read request with the same bytes (RFC 1350): UDP in both directions."""

    def __init__(self, data):
        self.data = data
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                request, client = self.socket.recvfrom(2048)
            except OSError:
                return
            if request[:2] == b"\0\1":
                threading.Thread(target=self._send, args=(client,), daemon=True).start()

    def _send(self, client):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as transfer:
            transfer.settimeout(2)
            for block in range(len(self.data) // 512 + 1):
                packet = struct.pack(">HH", 3, block + 1) + self.data[block * 512:block * 512 + 512]
                for _ in range(20):
                    transfer.sendto(packet, client)
                    try:
                        if transfer.recv(64)[:4] == struct.pack(">HH", 4, block + 1):
                            break
                    except TimeoutError:
                        continue
                else:
                    return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()
