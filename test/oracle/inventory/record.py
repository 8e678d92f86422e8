#!/usr/bin/python3
"""Records what Ansible makes of the inventories in cases/ and what PyYAML makes of scalars.txt,
and what Ansible makes of the key=value lines of arguments.txt.

Run in this directory wherever Debian's ansible-core is installed: ./record.py
It prints nothing and rewrites recorded.json, scalars.json and arguments.json (beside itself, or in the directory that
is its only argument), which the unit tests compare with. An e2e test records anew and compares the files.
Each case has `args` (the command line's -i and --playbook-dir) and perhaps `patterns`, one per line.
"""
import json
import math
import os
import re
import sys

import yaml
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.splitter import parse_kv
from ansible.vars.manager import VariableManager

HERE = os.path.dirname(os.path.abspath(__file__))
MAGIC = {
    "ansible_playbook_python", "groups", "group_names", "inventory_dir", "inventory_file", "inventory_hostname",
    "inventory_hostname_short", "omit", "playbook_dir", "ansible_facts", "ansible_check_mode", "ansible_diff_mode",
    "ansible_forks", "ansible_inventory_sources", "ansible_run_tags", "ansible_skip_tags", "ansible_version",
    "ansible_verbosity", "ansible_limit", "ansible_config_file",
}


def plain(value):
    """Sets and bytes have no JSON: they are a list and a text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def words(line):
    sources, playbook, parts = [], "/nonexistent", line.split()
    while parts:
        flag, value = parts.pop(0), parts.pop(0)
        if flag == "-i":
            sources.append(value if "," in value else os.path.abspath(value))
        else:
            playbook = os.path.abspath(value)
    return sources, playbook


def record_case(path):
    os.chdir(path)
    with open("args") as file:
        sources, playbook = words(file.read())
    loader = DataLoader()
    loader.set_basedir(playbook)
    manager = InventoryManager(loader=loader, sources=sources)
    variables = VariableManager(loader=loader, inventory=manager)
    hosts = {}
    for name, host in manager.hosts.items():
        merged = variables.get_vars(host=host, include_hostvars=False, include_delegate_to=False)
        hosts[name] = {
            "groups": merged["group_names"],
            "vars": {key: plain(value) for key, value in merged.items() if key not in MAGIC},
        }
    groups = {name: [host.name for host in group.get_hosts()] for name, group in manager.groups.items()}
    patterns = {}
    if os.path.exists("patterns"):
        with open("patterns") as file:
            for pattern in file.read().split("\n"):
                if pattern:
                    try:
                        patterns[pattern] = [host.name for host in manager.get_hosts(pattern)]
                    except AnsibleError:
                        patterns[pattern] = None
    return {"hosts": hosts, "groups": groups, "patterns": patterns}


def typed(value):
    """A Python value with its type, since JSON cannot tell 1 from 1.0 nor hold nan."""
    if isinstance(value, bool) or value is None:
        return {"bool" if value is not None else "null": value}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": "nan" if math.isnan(value) else repr(value)}
    if isinstance(value, (list, tuple)):
        return {"list": [typed(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[typed(key), typed(item)] for key, item in value.items()]}
    return {"str": str(value)}


def unescaped(line):
    """A line of scalars.txt: \\n is a line feed, \\t a tab, \\\\ a backslash."""
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), line)


def record_scalar(text):
    try:
        return typed(yaml.load(text, Loader=yaml.SafeLoader))
    except Exception as error:
        return {"error": type(error).__name__}


def record_arguments(text, free_form):
    try:
        return parse_kv(text, check_raw=free_form)
    except AnsibleError:
        return None


def lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line for line in file.read().split("\n") if line]


def main():
    cases = os.path.join(HERE, "cases")
    recorded = {name: record_case(os.path.join(cases, name)) for name in sorted(os.listdir(cases))}
    scalars = {line: record_scalar(unescaped(line)) for line in lines("scalars.txt")}
    arguments = {line: {"words": record_arguments(unescaped(line), False), "freeForm": record_arguments(unescaped(line), True)}
                 for line in lines("arguments.txt")}
    for name, data in (("recorded", recorded), ("scalars", scalars), ("arguments", arguments)):
        with open(os.path.join(HERE if len(sys.argv) < 2 else sys.argv[1], name + ".json"), "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1, cls=AnsibleJSONEncoder, ensure_ascii=False)
            file.write("\n")


main()
