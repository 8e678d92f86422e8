#!/usr/bin/python3
"""Records what Ansible makes of the playbooks in cases/.

Run wherever Debian's ansible-core is installed: ./record.py [--to DIRECTORY] [CASE...]
Without cases all of them are recorded. It writes <case>.json into recorded/ (or the directory given), which the unit
tests compare with; an e2e test records anew and compares the files.

A case is a directory: site.yml with whatever it needs beside it, and case.yml with
  about: what is compared, in a few words
  runs:  the further arguments of each run, which follow each other on the same files;
         by default once in check mode, once for real and once more
  by:    `host` where only each host's own order is compared (strategy free)
Hosts are in `hosts` of the case, else in the `hosts` here. `out` is the directory that a case may write to.
"""
import json
import os
import shlex
import shutil
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")
HOME = tempfile.mkdtemp(prefix="oracle-home-")
EXITS = {0: "ok", 2: "failed", 4: "unreachable"}

os.environ.update({
    "HOME": HOME,
    "ANSIBLE_CONFIG": HOME + "/ansible.cfg",
    "ANSIBLE_ASYNC_DIR": HOME + "/async",
    "ANSIBLE_LOCAL_TEMP": HOME + "/local",
    "ANSIBLE_REMOTE_TEMP": HOME + "/remote",
    "ANSIBLE_PIPELINING": "1",
    "ANSIBLE_STDOUT_CALLBACK": "oracle",
    "ANSIBLE_CALLBACK_PLUGINS": os.path.join(HERE, "callback_plugins"),
    "ANSIBLE_RETRY_FILES_ENABLED": "0",
    "ANSIBLE_INTERNAL_POLL_INTERVAL": "0.001",
    "ORACLE_ENV": "from the environment",
    "PYTHONDONTWRITEBYTECODE": "1",
})
sys.dont_write_bytecode = True
with open(HOME + "/ansible.cfg", "w", encoding="utf-8"):
    pass

from ansible.cli.playbook import PlaybookCLI  # noqa: E402 (reads the environment above)


def run(base, words):
    """One run in a process of its own, forked so that ansible is loaded once."""
    log = os.path.join(base, "log")
    child = os.fork()
    if child == 0:
        os.chdir(os.path.join(base, "site"))
        os.environ["ORACLE_RECORD"] = log
        quiet = os.open(os.path.join(base, "output"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        argv = ["ansible-playbook", "site.yml", "-i", "hosts", "-c", "local", "-f", "1",
                "-e", "out=%s/out" % base, "-e", "ansible_python_interpreter=/usr/bin/python3", *words]
        try:
            PlaybookCLI.cli_executor(argv)
        except SystemExit as end:
            os._exit(end.code)
        finally:
            os._exit(70)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    events = []
    if os.path.exists(log):
        with open(log, encoding="utf-8") as file:
            events = [json.loads(line.replace(base, "@")) for line in file]
        os.remove(log)
    if os.environ.get("ORACLE_VERBOSE"):
        with open(os.path.join(base, "output"), encoding="utf-8") as file:
            print(file.read(), file=sys.stderr)
    return code, events


def exit_name(code, events):
    """Ansible ends with 4 for a lost node and for a playbook that it cannot read, which has no recap."""
    return EXITS.get(code, "error") if any("recap" in event for event in events) else "error"


def result_line(event):
    item = "" if event["item"] is None else " [%s]" % event["item"]
    return "%s%s: %s" % (event["host"], item, event["status"])


def by_task(events):
    """Tasks in order, each with its results; hosts that are at the same task have no order among them."""
    names, tasks, current = {}, [], None
    for event in events:
        if "task" in event:
            names[event["id"]] = event["task"]
            current = None
        elif "status" in event:
            if current is None or current[0] != event["id"]:
                current = (event["id"], [names.get(event["id"], event["name"])])
                tasks.append(current[1])
            current[1].append(result_line(event))
    return [" | ".join([name, *sorted(results)]) for name, *results in tasks]


def by_host(events):
    """What each host did, in its order."""
    names, hosts = {}, {}
    for event in events:
        if "task" in event:
            names[event["id"]] = event["task"]
        elif "status" in event:
            hosts.setdefault(event["host"], []).append("%s -> %s" % (names.get(event["id"], event["name"]), result_line(event)))
    return ["%s | %s" % (host, " | ".join(lines)) for host, lines in sorted(hosts.items())]


def recap(events):
    """The figures that are not zero, by host."""
    recaps = next((event["recap"] for event in events if "recap" in event), {})
    return {host: " ".join("%s=%d" % one for one in all.items() if one[1]) for host, all in recaps.items()}


def custom_stats(events):
    """What set_stats noted, where it did."""
    stats = next((event["stats"] for event in events if "recap" in event), {})
    return {"stats": stats} if stats else {}


def files_of(base):
    found = {}
    top = os.path.join(base, "out")
    for directory, directories, names in os.walk(top):
        directories.sort()
        for name in directories:
            found[os.path.relpath(os.path.join(directory, name), top) + "/"] = None
        for name in names:
            path = os.path.join(directory, name)
            with open(path, encoding="utf-8") as file:
                found[os.path.relpath(path, top)] = file.read().replace(base, "@")
    return dict(sorted(found.items()))


def record(case):
    with open(os.path.join(CASES, case, "case.yml"), encoding="utf-8") as file:
        about = yaml.safe_load(file)
    base = os.path.realpath(tempfile.mkdtemp(prefix="oracle-"))
    try:
        shutil.copytree(os.path.join(CASES, case), base + "/site")
        if not os.path.exists(base + "/site/hosts"):
            shutil.copy(os.path.join(HERE, "hosts"), base + "/site/hosts")
        os.mkdir(base + "/out")
        runs = []
        for words in about.get("runs", ["--check", "", ""]):
            code, events = run(base, shlex.split(words))
            runs.append({
                "arguments": words,
                "exit": exit_name(code, events),
                "tasks": by_host(events) if about.get("by") == "host" else by_task(events),
                "recap": recap(events),
                **custom_stats(events),
                "files": files_of(base),
            })
        return runs
    finally:
        shutil.rmtree(base)


def main():
    words = sys.argv[1:]
    target = words[1] if words[:1] == ["--to"] else os.path.join(HERE, "recorded")
    os.makedirs(target, exist_ok=True)
    for case in (words[2:] if words[:1] == ["--to"] else words) or sorted(os.listdir(CASES)):
        with open(os.path.join(target, case + ".json"), "w", encoding="utf-8") as file:
            json.dump(record(case), file, indent=1, ensure_ascii=False)
            file.write("\n")


try:
    main()
finally:
    shutil.rmtree(HOME)
