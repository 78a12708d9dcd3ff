"""Receives webhooks of a running `callbook local --loopback-webhooks`, and verifies them with the reference library of Standard Webhooks.

Usage: receive.py CALLBOOK DEMO. CALLBOOK is the binary, whose commands find the running ledger, and DEMO is what
`callbook local --credentials FILE` wrote. A test event and a real event must be verified by their secret, and be refused
with another body, id, time or secret.
"""

import base64
import http.server
import json
import queue
import subprocess
import sys
import threading
import urllib.request

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# How long a delivery may take on a busy machine, in seconds.
PATIENCE = 120

command, demo = sys.argv[1], json.load(open(sys.argv[2]))
account = demo["account"]["account_id"]
requests = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        requests.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def callbook(*arguments):
    run = subprocess.run([command, *arguments, "--account", account, "--json"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"receive: callbook {' '.join(arguments)}: {run.stderr}")
    return json.loads(run.stdout)


def received(kind):
    """The next delivery of an event of this type."""
    while True:
        headers, body = requests.get(timeout=PATIENCE)
        if json.loads(body)["type"] == kind:
            return headers, body


def refused(why, secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return
    sys.exit(f"receive: a delivery was verified with {why}")


def check(kind, secret, other):
    headers, body = received(kind)
    event = Webhook(secret).verify(body, headers)
    if event["id"] != headers["webhook-id"] or event["specversion"] != "1.0":
        sys.exit(f"receive: {kind} is no event with the id of its delivery")
    refused("another body", secret, body.replace(b"1.0", b"1.1", 1), headers)
    refused("another secret", other, body, headers)
    refused("another id", secret, body, headers | {"webhook-id": "evt_0"})
    refused("another time", secret, body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)})
    refused("a time of an hour ago", secret, body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)})
    print(f"receive: ok {kind}, verified by standardwebhooks, and refused with another body, secret, id and time")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/hook"
made = callbook("webhook", "create", url, "--loopback")
other = callbook("webhook", "create", url + "?other", "--loopback", "--event", "number.bought")
callbook("webhook", "test", made["id"])
check("webhook.test", made["secret"], other["secret"])
user = base64.b64encode(f"{demo['user']['username']}:{demo['user']['password']}".encode()).decode()
body = json.dumps({"callee": "2065550177", "whisper_text": "Asked for a call back"}).encode()
headers = {"authorization": f"Basic {user}", "content-type": "application/json"}
urllib.request.urlopen(urllib.request.Request(demo["base_url"] + "/voice/rapidresponse", body, headers)).close()
check("rapidresponse.queued", made["secret"], other["secret"])
