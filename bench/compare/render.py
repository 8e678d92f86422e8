"""Renders a template with the real Jinja2 and says how long that took: {"milliseconds": …, "text": …} on stdout."""
import json
import sys
import time

import jinja2

request = json.load(sys.stdin)
environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
if request["compile"]:
    jinja2.clear_caches()
started = time.perf_counter()
template = environment.from_string(request["template"])
if not request["compile"]:
    text = template.render(request["variables"])
    started = time.perf_counter()
for _ in range(request["times"]):
    if request["compile"]:
        template = environment.from_string(request["template"])
    text = template.render(request["variables"])
print(json.dumps({"milliseconds": (time.perf_counter() - started) * 1000, "text": text}))
