#!/usr/bin/python3
"""Records what Ansible's validator of argument specs says of the arguments in cases.yml.

Run wherever Debian's ansible-core is installed: ./record.py
It rewrites recorded.json (beside itself, or in the directory that is its only argument), which the unit tests compare
with; an e2e test records anew and compares. Each case has a spec and a list of arguments; recorded are the messages for
each. The words of truth in a message come in an order of their own at each start: they are left out.
"""
import json
import os
import re
import sys

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

HERE = os.path.dirname(os.path.abspath(__file__))


def messages(spec, given):
    found = ArgumentSpecValidator(spec).validate(given).error_messages
    return [re.sub(r"(Valid booleans include: ).*", r"\1...", message) for message in found]


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else HERE
    with open(os.path.join(HERE, "cases.yml"), encoding="utf-8") as file:
        cases = yaml.safe_load(file)
    recorded = {case["about"]: [messages(case["spec"], given) for given in case["given"]] for case in cases}
    with open(os.path.join(target, "recorded.json"), "w", encoding="utf-8") as file:
        json.dump(recorded, file, indent=1, ensure_ascii=False)
        file.write("\n")


main()
