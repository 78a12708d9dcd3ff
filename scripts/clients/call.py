"""Calls every operation of a plan with the generated Python client. Usage: call.py PLAN, with the client on PYTHONPATH."""

import datetime
import importlib
import importlib.util
import inspect
import json
import re
import sys
import typing

from callbook_client import Client

plan = json.load(open(sys.argv[1]))


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")


def same(value):
    """A value to compare by: an instant whatever its notation, everything else as it is."""
    if isinstance(value, dict):
        return {key: same(one) for key, one in value.items()}
    if isinstance(value, list):
        return [same(one) for one in value]
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.datetime.fromisoformat(value)
    return value


def model(annotation):
    """The first model among a body's types."""
    options = [annotation, *typing.get_args(annotation)]
    return next(option for option in options if hasattr(option, "from_dict"))


for operation in plan["operations"]:
    name = operation["name"]
    place = f"callbook_client.api.{snake(operation['tag'])}.{snake(name)}"
    # The generator avoids the names that Python has itself.
    module = importlib.import_module(place if importlib.util.find_spec(place) else place + "_")
    function = module.sync_detailed
    names = {plain(parameter): parameter for parameter in inspect.signature(function).parameters}
    values = operation["path"] | operation["query"] | operation["header"]
    arguments = {names[plain(key)]: value for key, value in values.items()}
    if operation["body"] is not None:
        annotation = typing.get_type_hints(function, vars(module))["body"]
        arguments["body"] = model(annotation).from_dict(operation["body"])
    client = Client(base_url=plan["base_url"], headers=operation["headers"], raise_on_unexpected_status=True,
                    httpx_args={"params": operation.get("secret_query")})
    answer = function(client=client, **arguments)
    assert answer.status_code in (200, 201), f"{name}: {answer.status_code} {answer.content}"
    assert answer.parsed is not None, f"{name}: the client cannot read {answer.content}"
    if hasattr(answer.parsed, "to_dict"):
        kept, sent = answer.parsed.to_dict(), json.loads(answer.content)
        assert same(kept) == same(sent), f"{name}: the client reads {kept} of {sent}"
    print(f"{name}: {int(answer.status_code)}")
