import { expect, test } from "vitest";
import type { Action } from "../../../../src/core/action.ts";
import { ordinaryFacts } from "../../../../src/lb/lint/ordinary-facts.ts";
import { plannedFacts, plannedFiles } from "../../../../src/lb/pair/planned.ts";

const write = (path: string, text: string): Action => ({
  kind: "write",
  path,
  content: Buffer.from(text),
  mode: null,
  owner: null,
  group: null,
  validate: null,
  backup: false,
});

const FACTS = ordinaryFacts(1);

test("The files are those that the plan writes, with what it leaves alone and without what it removes.", () => {
  const before = {
    haproxy: [
      { path: "/etc/haproxy/haproxy.cfg", text: "global\n" },
      { path: "/etc/haproxy/conf.d/old.cfg", text: "backend old\n" },
    ],
    keepalived: [],
  };
  const after = plannedFiles(before, [
    write("/etc/haproxy/haproxy.cfg", "global\n    daemon\n"),
    write("/etc/keepalived/keepalived.conf", "global_defs {\n}\n"),
    write("/etc/motd", "hello\n"),
    { kind: "remove", path: "/etc/haproxy/conf.d/old.cfg" },
  ]);
  expect(after).toEqual({
    haproxy: [{ path: "/etc/haproxy/haproxy.cfg", text: "global\n    daemon\n" }],
    keepalived: [{ path: "/etc/keepalived/keepalived.conf", text: "global_defs {\n}\n" }],
  });
});

test("A plan that does nothing leaves all that is known.", () => {
  expect(plannedFacts(FACTS, { actions: [], unknown: false })).toBe(FACTS);
});

test("What a plan touches is not known before, all else is.", () => {
  const sysctl: Action = {
    kind: "run",
    argv: ["sysctl", "-w", "net.ipv4.ip_nonlocal_bind=1"],
    touches: [{ kind: "sysctl", key: "net/ipv4/ip_nonlocal_bind" }],
  };
  const facts = plannedFacts(FACTS, {
    actions: [sysctl, write("/etc/haproxy/haproxy.cfg", "global\n")],
    unknown: false,
  });
  expect(facts.sysctl?.has("net.ipv4.ip_nonlocal_bind")).toBe(false);
  expect(facts.sysctl?.get("net.core.somaxconn")).toBe("4096");
  expect(facts.files?.has("/etc/haproxy/haproxy.cfg")).toBe(false);
  expect(facts.files?.has("/var/lib/haproxy")).toBe(true);
  expect(facts.addresses).toEqual(FACTS.addresses);
  expect([facts.units, facts.listeners, facts.reachable]).toEqual([null, null, null]);
});

test("After a task that only a run can tell, or that installs something, little is known but the machine itself.", () => {
  const install: Action = {
    kind: "run",
    argv: ["apt-get", "install", "haproxy"],
    touches: [{ kind: "lasting", what: "haproxy" }],
  };
  const silent: Action = { kind: "run", argv: ["true"] };
  for (const plan of [
    { actions: [install], unknown: false },
    { actions: [silent], unknown: false },
    { actions: [], unknown: true },
  ]) {
    const facts = plannedFacts(FACTS, plan);
    expect([facts.haproxy, facts.sysctl, facts.files, facts.users]).toEqual([null, null, null, null]);
    expect(facts.addresses).toEqual(FACTS.addresses);
  }
});
