"""Writes what a run of ansible-playbook reports as JSON lines into the file that ORACLE_RECORD names."""
import json
import os

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: oracle
type: stdout
short_description: one JSON line per task, result and recap
description: What record.py reads.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "oracle"

    def write(self, **event):
        with open(os.environ["ORACLE_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.write(task=task.get_name().strip(), id=task._uuid)

    def v2_playbook_on_handler_task_start(self, task):
        self.write(task=task.get_name().strip(), id=task._uuid)

    def result(self, result, status, item=False):
        if result._task.action in ("meta", "ansible.builtin.meta"):
            return
        label = self._get_item_label(result._result) if item else None
        if item and "censored" in result._result:
            label = "(censored due to no_log)"
        elif item and not isinstance(label, str):
            label = json.dumps(label, separators=(",", ":"), ensure_ascii=False)
        self.write(id=result._task._uuid, name=result._task.get_name().strip(), host=result._host.get_name(), item=label, status=status)

    def done(self, result):
        return "changed" if result._result.get("changed", False) else "ok"

    def v2_runner_on_ok(self, result):
        self.result(result, self.done(result))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.result(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.result(result, "unreachable")

    def v2_runner_item_on_ok(self, result):
        if not isinstance(result._task, TaskInclude):
            self.result(result, self.done(result), True)

    def v2_runner_item_on_failed(self, result):
        ignored = result._task_fields.get("ignore_errors")
        self.result(result, "ignored" if ignored else "failed", True)

    def v2_runner_item_on_skipped(self, result):
        if not isinstance(result._task, TaskInclude):
            self.result(result, "skipped", True)

    def v2_playbook_on_stats(self, stats):
        figures = {"ok": "ok", "changed": "changed", "unreachable": "unreachable", "failed": "failures",
                   "skipped": "skipped", "rescued": "rescued", "ignored": "ignored"}
        recap = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self.write(recap={host: {name: all[key] for name, key in figures.items()} for host, all in recap.items()}, stats=stats.custom)
