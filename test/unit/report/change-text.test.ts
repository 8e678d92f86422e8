import { expect, test } from "vitest";
import type { ChangeView } from "../../../src/core/task.ts";
import { changeLines } from "../../../src/report/change-text.ts";
import { createPalette } from "../../../src/report/palette.ts";

const shown = (view: ChangeView): readonly string[] => changeLines(view, createPalette(false));

test("A short value is shown as before and after, and what is not there as absent.", () => {
  expect(shown({ field: "mode", before: "0644", after: "0600" })).toEqual(["    mode: 0644 -> 0600"]);
  expect(shown({ field: "package haproxy", before: null, after: "2.6.12" })).toEqual([
    "    package haproxy: (absent) -> 2.6.12",
  ]);
  expect(shown({ field: "user ann", before: "1001", after: null })).toEqual([
    "    user ann: 1001 -> (absent)",
  ]);
});

test("A text of several lines is shown as a unified diff.", () => {
  const before = "global\n  maxconn 100\ndefaults\n  mode http\n";
  const after = "global\n  maxconn 200\ndefaults\n  mode http";
  expect(shown({ field: "/etc/haproxy/haproxy.cfg", before, after })).toEqual([
    "--- before: /etc/haproxy/haproxy.cfg",
    "+++ after: /etc/haproxy/haproxy.cfg",
    "@@ -1,4 +1,4 @@",
    " global",
    "-  maxconn 100",
    "+  maxconn 200",
    " defaults",
    "-  mode http",
    "+  mode http",
    "\\ No newline at end of file",
  ]);
});

test("A file that is new or goes away is a diff against nothing.", () => {
  expect(shown({ field: "/etc/motd", before: null, after: "hello\nworld\n" })).toEqual([
    "--- before: /etc/motd (absent)",
    "+++ after: /etc/motd",
    "@@ -0,0 +1,2 @@",
    "+hello",
    "+world",
  ]);
  expect(shown({ field: "/etc/motd", before: "hello\n", after: null })).toEqual([
    "--- before: /etc/motd",
    "+++ after: /etc/motd (absent)",
    "@@ -1 +0,0 @@",
    "-hello",
  ]);
});

test("A secret shows that it changes, never how.", () => {
  const view = {
    field: "/etc/keepalived/keepalived.conf",
    before: "auth_pass a\n",
    after: "auth_pass b\n",
    secret: true,
  };
  expect(shown(view)).toEqual(["    /etc/keepalived/keepalived.conf: [redacted]"]);
});

test("An event shows what happens, not a before and after.", () => {
  expect(shown({ field: "haproxy.service", before: null, after: "reloaded", event: true })).toEqual([
    "    haproxy.service: reloaded",
  ]);
});
