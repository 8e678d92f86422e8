"""Records what the real Jinja2 and Ansible make of the cases beside this file.

Run with the Python that Debian's `ansible` and `python3-jinja2` packages serve:

    /usr/bin/python3 test/oracle/jinja/record.py            writes expected.json
    /usr/bin/python3 test/oracle/jinja/record.py --print    prints the same instead
    /usr/bin/python3 test/oracle/jinja/record.py --roles roles
                                                            prints every role's templates, rendered with its defaults
"""

import json
import logging
import os
import pathlib
import sys
import tempfile
import time

os.environ["TZ"] = "UTC"
os.environ["ANSIBLE_LOCALHOST_WARNING"] = "0"
os.environ["ANSIBLE_DEVEL_WARNING"] = "0"
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "0"
os.environ["ANSIBLE_SYSTEM_WARNINGS"] = "0"
time.tzset()
logging.disable(logging.CRITICAL)

import ansible  # noqa: E402
import jinja2  # noqa: E402
from ansible.errors import AnsibleError, AnsibleUndefinedVariable  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.template import AnsibleEnvironment, Templar  # noqa: E402
from ansible.utils.display import Display  # noqa: E402
from jinja2.exceptions import TemplateSyntaxError, UndefinedError  # noqa: E402

KINDS = ("file", "string", "expression", "condition")
HERE = pathlib.Path(__file__).resolve().parent
Display.warning = lambda *args, **kwargs: None
Display.deprecated = lambda *args, **kwargs: None


def plain(value):
    """A value as Python's own types, so that its repr tells all there is to tell."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, range)) or hasattr(value, "__next__") or type(value).__name__.startswith("dict_"):
        return [plain(item) for item in value]
    return str(value)


def causes(error):
    while error is not None:
        yield error
        error = getattr(error, "orig_exc", None) or error.__cause__ or error.__context__


def outcome(run):
    """What a rendering gives, or which kind of error it ends with."""
    try:
        return {"value": repr(plain(run()))}
    except Exception as error:  # noqa: BLE001 (any error is an outcome)
        chain = list(causes(error))
        if any(isinstance(cause, TemplateSyntaxError) for cause in chain):
            return {"error": "syntax"}
        if any(isinstance(cause, (UndefinedError, AnsibleUndefinedVariable)) for cause in chain):
            return {"error": "undefined"}
        return {"error": "other"}


def templar_for(loader, variables, searchpath):
    templar = Templar(loader=loader, variables=variables)
    templar.environment.loader.searchpath = [str(searchpath)]
    return templar


def render_file(templar, source, variables, searchpath, settings):
    """As the template action does."""
    settings = {"trim_blocks": True, "lstrip_blocks": False, "newline_sequence": "\n", **settings}
    fresh = templar.copy_with_new_env(
        environment_class=AnsibleEnvironment,
        searchpath=[str(searchpath)],
        available_variables=variables,
        **settings,
    )
    return fresh.do_template(source, preserve_trailing_newlines=True, escape_backslashes=False)


def evaluate(templar, source, variables):
    environment = templar.environment
    scope = {name: templar.template(value) for name, value in variables.items()}
    return environment.compile_expression(source, undefined_to_none=False)({**environment.globals, **scope})


def condition(loader, templar, source, variables):
    conditional = Conditional(loader=loader)
    conditional.when = [source]
    return bool(conditional.evaluate_conditional(templar, variables))


def run_case(loader, case, variables, searchpath):
    templar = templar_for(loader, variables, searchpath)
    if "file" in case:
        return lambda: render_file(templar, case["file"], variables, searchpath, case.get("settings", {}))
    if "string" in case:
        return lambda: templar.template(case["string"])
    if "expression" in case:
        return lambda: evaluate(templar, case["expression"], variables)
    return lambda: condition(loader, templar, case["condition"], variables)


def record_cases(loader):
    recorded = {"jinja2": jinja2.__version__, "ansible": ansible.__version__, "cases": {}}
    for path in sorted((HERE / "cases").glob("*.json")):
        group = json.loads(path.read_text())
        with tempfile.TemporaryDirectory() as directory:
            for name, text in group.get("templates", {}).items():
                target = pathlib.Path(directory, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            results = []
            for case in group["cases"]:
                variables = json.loads(json.dumps({**group.get("variables", {}), **case.get("variables", {})}))
                source = next(case[kind] for kind in KINDS if kind in case)
                results.append({"source": source, **outcome(run_case(loader, case, variables, directory))})
        recorded["cases"][path.name] = results
    return recorded


def record_roles(loader, roles):
    """Each template of each role, with its defaults over some facts every node has, and what it has to be given."""
    facts = json.loads((HERE / "role-variables.json").read_text())
    given = facts.pop("given_to_roles")
    recorded = []
    for path in sorted(p for p in roles.glob("*/templates/**/*") if p.is_file()):
        role = path.relative_to(roles).parts[0]
        variables = json.loads(json.dumps(facts))
        for name in ("defaults", "vars"):
            for extension in ("yml", "yaml"):
                file = roles / role / name / f"main.{extension}"
                if file.exists():
                    variables.update(json.loads(json.dumps(loader.load_from_file(str(file)) or {})))
        variables.update(given.get(role, {}))
        searchpath = roles / role / "templates"
        source = path.read_text()
        templar = templar_for(loader, variables, searchpath)
        result = outcome(lambda: render_file(templar, source, variables, searchpath, {}))
        recorded.append({"path": str(path), "templates": str(searchpath), "variables": variables, **result})
    return recorded


def dump(value):
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def main():
    loader = DataLoader()
    if "--roles" in sys.argv:
        sys.stdout.write(dump(record_roles(loader, pathlib.Path(sys.argv[sys.argv.index("--roles") + 1]))))
    elif "--print" in sys.argv:
        sys.stdout.write(dump(record_cases(loader)))
    else:
        (HERE / "expected.json").write_text(dump(record_cases(loader)))


main()
