"""Writes calls.ts: a typed call of every operation of a plan. Usage: write-calls.py PLAN CALLS"""

import json
import sys

plan = json.load(open(sys.argv[1]))
lines = [
    'import createClient from "openapi-fetch";',
    'import type { paths } from "./schema.ts";',
    "",
    f"const client = createClient<paths>({{ baseUrl: {json.dumps(plan['base_url'])} }});",
    "const form = (body: unknown) => new URLSearchParams(body as Record<string, string>);",
    "function check(name: string, status: number, data: unknown, error: unknown) {",
    "  if (status !== 200 && status !== 201) throw new Error(`${name}: ${status} ${JSON.stringify(error)}`);",
    "  if (data === undefined) throw new Error(`${name}: no data`);",
    "  console.log(`${name}: ${status}`);",
    "}",
    "",
]
for operation in plan["operations"]:
    params = {kind: operation[kind] for kind in ("path", "query", "header") if operation[kind]}
    options = [f"params: {json.dumps(params)}"] if params else []
    headers = dict(operation["headers"])
    if operation["body"] is not None:
        options.append(f"body: {json.dumps(operation['body'])}")
        if operation["media"] == "application/x-www-form-urlencoded":
            options.append("bodySerializer: form")
            headers["content-type"] = operation["media"]
    if operation.get("secret_query"):
        secret = json.dumps(operation["secret_query"])
        options.append("querySerializer: (query) => new URLSearchParams({ ...(query as Record<string, string>), ...%s }).toString()" % secret)
    if headers:
        options.append(f"headers: {json.dumps(headers)}")
    call = f"await client.{operation['method']}({json.dumps(operation['route'])}, {{ {', '.join(options)} }})"
    lines.append(f"{{ const {{ data, error, response }} = {call};")
    lines.append(f"  check({json.dumps(operation['name'])}, response.status, data, error); }}")
open(sys.argv[2], "w").write("\n".join(lines) + "\n")
