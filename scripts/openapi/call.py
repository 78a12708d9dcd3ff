"""Calls every operation of the plan with the generated Python client. Usage: call.py PLAN CREDENTIALS"""

import base64
import builtins
import datetime
import enum
import importlib
import inspect
import json
import pkgutil
import sys
import typing

import callbook_client.api
from callbook_client import Client
from callbook_client.types import Unset
from openapi_python_client.strings import PythonIdentifier

# The generator forgets to import this name for operations whose body is optional.
builtins.Unset = Unset


def values_of(credentials):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    day = datetime.timedelta(days=1)
    return {
        "account_sid": credentials["fonedynamics"]["account_sid"],
        "username": credentials["truecnam"]["username"],
        "password": credentials["truecnam"]["password"],
        "user": credentials["user"]["username"],
        "user_password": credentials["user"]["password"],
        "from": str(today - day),
        "to": str(today + day),
        "month": today.strftime("%Y-%m"),
        "vendor": "acme",
    }


def client_for(who, credentials):
    def basic(name, secret):
        pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return {"authorization": f"Basic {pair}"}

    fone, user, tld = credentials["fonedynamics"], credentials["user"], credentials["tld"]
    truecnam = credentials["truecnam"]
    headers, query = {}, {}
    match who:
        case "trestle":
            headers = {"x-api-key": credentials["trestle"]["api_key"]}
        case "tld":
            headers = {"tld-api-id": tld["api_id"], "tld-api-key": tld["api_key"]}
        case "truecnam":
            query = {"username": truecnam["username"], "password": truecnam["password"]}
        case "user":
            headers = basic(user["username"], user["password"])
        case "fonedynamics":
            headers = basic(fone["account_sid"], fone["token"])
    return Client(base_url=credentials["base_url"], headers=headers, httpx_args={"params": query})


def operations():
    found = {}
    for tag in pkgutil.iter_modules(callbook_client.api.__path__):
        package = importlib.import_module(f"callbook_client.api.{tag.name}")
        for module in pkgutil.iter_modules(package.__path__):
            found[module.name] = importlib.import_module(f"{package.__name__}.{module.name}").sync_detailed
    return found


def classes_in(annotation):
    if inspect.isclass(annotation):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from classes_in(argument)


def filled(value, known):
    if isinstance(value, dict):
        return {name: filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    return known[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def at(answer, path):
    for step in path.split("."):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer


def main(plan, credentials):
    plan, credentials = json.load(open(plan)), json.load(open(credentials))
    known, calls = values_of(credentials), operations()
    missing = set(calls) - {str(PythonIdentifier(step["operation"], "")) for step in plan}
    assert not missing, f"no step calls {missing}"
    for step in plan:
        call = calls[str(PythonIdentifier(step["operation"], ""))]
        parameters = inspect.signature(call).parameters
        arguments = {}
        sent = [("path", one) for one in step.get("path", {}).items()]
        sent += [("query", one) for one in step.get("query", {}).items()]
        for place, (name, value) in sent:
            own, value = str(PythonIdentifier(name, "field_")), filled(value, known)
            # A name that the path has too is told apart by its place.
            own = own if own in parameters else f"{own}_{place}"
            enums = [one for one in classes_in(parameters[own].annotation) if issubclass(one, enum.Enum)]
            arguments[own] = enums[0](value) if enums else value
        if "body" in step:
            body = filled(step["body"], known)
            models = [one for one in classes_in(parameters["body"].annotation) if hasattr(one, "from_dict")]
            arguments["body"] = models[0].from_dict(body)
        with client_for(step.get("as"), credentials) as client:
            response = call(client=client, **arguments)
        answer = json.loads(response.content)
        name = step["operation"]
        assert response.status_code in (200, 201), f"{name}: {response.status_code} {answer}"
        assert response.parsed is not None, f"{name}: the client has no type for the answer"
        for field, value in filled(step.get("expect", {}), known).items():
            assert at(answer, field) == value, f"{name}: {field}: {answer}"
        if "least" in step:
            assert at(answer, step["least"]), f"{name}: {step['least']} is empty"
        for path, kept in step.get("keep", {}).items():
            known[kept] = at(answer, path)
    print(f"python: {len(plan)} operations called")


main(*sys.argv[1:])
