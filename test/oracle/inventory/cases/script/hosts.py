#!/usr/bin/python3
import json
import sys

LIST = {
    "web": {"hosts": ["w1", "w2"], "vars": {"port": 80, "title": "{{ inventory_hostname }} é 😀", "no": "no"}, "children": ["inner"]},
    "inner": ["i1"],
    "single": {"own": True},
    "empty": {"hosts": []},
    "all": {"vars": {"everywhere": [1, 2.5, None, {"a": "b"}]}},
    "_meta": {"hostvars": {"w1": {"ansible_host": "192.0.2.1", "port": 81}, "elsewhere": {"x": 1}}},
}
assert sys.argv[1:] == ["--list"], sys.argv
print(json.dumps(LIST))
