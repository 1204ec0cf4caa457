"""A service of no use: answers /readyz on SALUR_PORT; `stubborn` ignores SIGTERM, `broken` dies at once."""

import http.server
import os
import signal
import sys


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if "broken" in sys.argv:
    sys.exit("broken on purpose")
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
port = int(os.environ["SALUR_PORT"]) + 100 * (int(os.environ["SALUR_REPLICA"]) - 1)
http.server.HTTPServer(("127.0.0.1", port), Page).serve_forever()
