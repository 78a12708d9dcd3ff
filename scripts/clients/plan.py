"""Plans a call of every operation of openapi.yaml against a running `callbook local`, with the document's own examples.

Usage: plan.py OPENAPI DEMO PLAN. DEMO is what `callbook local --credentials FILE` wrote. What the operations need to exist (a call, an
address, a cost) is made first; what an example cannot know (ids, secrets, a number of the demo's inventory) is put in its place.
"""

import base64
import datetime
import json
import sys
import urllib.parse
import urllib.request

import yaml

document = yaml.safe_load(open(sys.argv[1]))
demo = json.load(open(sys.argv[2]))
base = demo["base_url"]
today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
account = demo["fonedynamics"]["account_sid"]
property_sid = demo["fonedynamics"]["property_sid"]
FREE_NUMBER = "+12125550122"


def basic(name, secret):
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


token = {"Authorization": basic(account, demo["fonedynamics"]["token"])}
user = {"Authorization": basic(demo["user"]["username"], demo["user"]["password"])}
tld = {"tld-api-id": demo["tld"]["api_id"], "tld-api-key": demo["tld"]["api_key"]}


def post(path, fields, headers):
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(urllib.request.Request(base + path, body, headers)) as answer:
        return json.load(answer)


call = post(f"/v2/Properties/{property_sid}/Calls", {"From": "+12069735100", "To": "+13105550111"}, token)
address = post(f"/v2/Accounts/{account}/Addresses", {"Line1": "1 Example Street", "City": "Seattle", "CountryCode": "US"}, token)
cost = post("/api/ingress/calls/inbound/billable", {"did": "3105550111", "cid": "2069735100", "cost": "12.50"}, tld)
login = post("/auth/login", demo["user"], {})
post("/voice/rapidresponse", {"callee": "2065550177", "whisper_text": "Asked for a call back"}, user)
take = urllib.request.Request(base + "/callbook/v1/queue/take", b'{"lease_seconds": 3600}', user | {"Content-Type": "application/json"})
with urllib.request.urlopen(take) as answer:
    entry = json.load(answer)["entries"][0]

made = urllib.request.Request(base + "/callbook/v1/webhooks", b'{"url": "https://example.com/hooks"}', user | {"Content-Type": "application/json"})
with urllib.request.urlopen(made) as answer:
    webhook = json.load(answer)["id"]
test = urllib.request.Request(f"{base}/callbook/v1/webhooks/{webhook}/test", b"", user, method="POST")
with urllib.request.urlopen(test) as answer:
    delivery = json.load(answer)["id"]

SECRETS = {
    "USERNAME": demo["user"]["username"],
    "PASSWORD": demo["user"]["password"],
    "REFRESH_TOKEN": login["result"]["refreshToken"] if "result" in login else login["refreshToken"],
    "ACCOUNT": demo["account"]["account_id"],
}
QUERIES = {"PropertySid": property_sid, "Region": "California"}
BODIES = {
    "buyNumber": {"Number": FREE_NUMBER},
    "createVendor": {"vendor_id": "acme"},
    "callerIdByForm": {"username": demo["truecnam_carrier"]["username"], "password": demo["truecnam_carrier"]["password"]},
}


def resolved(value):
    while "$ref" in value:
        node = document
        for part in value["$ref"].split("/")[1:]:
            node = node[part.replace("~1", "/")]
        value = node
    return value


def path_value(path, name, example):
    if name == "sid":
        by_kind = {"Calls": call["CallSid"], "calls": call["CallSid"], "Addresses": address["AddressSid"], "Properties": property_sid, "Accounts": account}
        return next(sid for kind, sid in by_kind.items() if f"/{kind}/{{sid}}" in path)
    if name == "number":
        return FREE_NUMBER.lstrip("+")
    if "/webhooks/" in path:
        return webhook
    if "/deliveries/" in path:
        return delivery
    if "/queue/" in path:
        return str(entry["id"])
    return cost["cost_id"] if "/costs/" in path else example


def authorization(path):
    if path == "/1.0/phone_feedback":
        return {"x-api-key": demo["trestle"]["api_key"]}
    if path.startswith("/api/ingress/"):
        return tld
    if path.startswith("/v2/"):
        return token
    return {} if path == "/api/v1" or path.startswith("/auth/") else user


plan = []
for path, item in document["paths"].items():
    for method, operation in item.items():
        if method == "parameters":
            continue
        name = operation["operationId"]
        values = {"path": {}, "query": {}, "header": {}}
        for parameter in map(resolved, item.get("parameters", []) + operation.get("parameters", [])):
            if parameter["in"] == "path":
                values["path"][parameter["name"]] = path_value(path, parameter["name"], parameter.get("example"))
            elif parameter["in"] == "query" and "example" in parameter:
                values["query"][parameter["name"]] = QUERIES.get(parameter["name"], parameter["example"])
            elif parameter["name"] == "Idempotency-Key":
                values["header"][parameter["name"]] = f"clients-{name}"
        if name == "checkInvoice":
            # A statement in JSON has its parameters itself.
            values["query"] = {}
        if name == "callerId":
            values["secret_query"] = demo["truecnam_carrier"]
        contents = resolved(operation.get("requestBody", {})).get("content", {})
        media, content = next(((media, one) for media, one in contents.items() if "example" in one), (None, None))
        body = None
        if media:
            body = {key: SECRETS.get(value, value) if isinstance(value, str) else value for key, value in content["example"].items()}
            body |= BODIES.get(name, {})
        plan.append({"name": name, "tag": operation["tags"][0], "method": method.upper(), "route": path, "media": media, "body": body,
                     "headers": authorization(path)} | values)
# What is deleted is called by other operations first.
plan.sort(key=lambda one: one["method"] == "DELETE")
json.dump({"base_url": base, "operations": plan}, open(sys.argv[3], "w"), indent=1)
print(f"{len(plan)} operations")
