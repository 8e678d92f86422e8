import { expect, test } from "vitest";
import type { Action } from "../../../../src/core/action.ts";
import type { HostPlan, PlannedChange } from "../../../../src/core/roll.ts";
import { impactOf } from "../../../../src/lb/roll/impact.ts";

const KEEPALIVED = `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.10/32
    }
}
`;

const BEFORE = {
  haproxy: [{ path: "/etc/haproxy/haproxy.cfg", text: "global\n" }],
  keepalived: [{ path: "/etc/keepalived/keepalived.conf", text: KEEPALIVED }],
};

const task = { id: "1", name: "task", module: "copy", at: "play.yml:1", handler: false };

const change = (actions: readonly Action[], field = "file"): PlannedChange => ({
  task,
  node: "lb1",
  view: { field, before: null, after: "new" },
  actions,
});

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

const unit = (name: string, verb: "start" | "reload" | "restart"): Action => ({
  kind: "run",
  argv: ["systemctl", verb, name],
  touches: [{ kind: "unit", unit: name, verb }],
});

const impact = (...changes: readonly PlannedChange[]) => {
  const plan: HostPlan = { changes, unknown: [], failure: null };
  return impactOf("lb1", plan, BEFORE);
};

test("nothing planned is no impact", () => {
  expect(impact()).toMatchObject({ changes: false, haproxy: "none", keepalived: "none", cuts: [] });
});

test("a new haproxy.cfg with its reload", () => {
  const found = impact(
    change([write("/etc/haproxy/haproxy.cfg", "global\n  daemon\n")]),
    change([unit("haproxy.service", "reload")]),
  );
  expect(found).toMatchObject({ changes: true, haproxy: "reload", keepalived: "none" });
  expect(found.after.haproxy).toEqual([{ path: "/etc/haproxy/haproxy.cfg", text: "global\n  daemon\n" }]);
});

test("a task that restarts HAProxy", () => {
  expect(impact(change([unit("haproxy", "restart")])).haproxy).toBe("restart");
});

test("what keepalived.conf changes decides, not how it is taken over", () => {
  const conf = write("/etc/keepalived/keepalived.conf", KEEPALIVED.replace("51", "52"));
  expect(impact(change([conf]), change([unit("keepalived", "reload")])).keepalived).toBe("reinit");
});

test("another keepalived is a restart, and more than that where the other node would notice", () => {
  const install = change([], "package keepalived");
  expect(impact(install)).toMatchObject({
    keepalived: "restart",
    reasons: ["another keepalived (none to new)"],
  });
  const conf = write(
    "/etc/keepalived/keepalived.conf",
    KEEPALIVED.replace("192.0.2.10/32", "192.0.2.10/32\n192.0.2.11/32"),
  );
  expect(impact(change([conf]), install).keepalived).toBe("reinit");
});

test.each([
  ["apt", "package haproxy=2.6.12-2", "2.6.12-1", "reload"],
  ["ansible.builtin.dnf", "package haproxy-2.4.22-4.el9", "2.4.22-3.el9", "restart"],
  ["yum", "package haproxy", null, "reload"],
  ["apt", "package haproxy-doc", "2.6.12-1", "none"],
] as const)("another HAProxy by %s, %s, where there was %s: %s", (module, field, before, expected) => {
  const install = {
    ...change([], field),
    task: { ...task, module },
    view: { field, before, after: "new" },
  };
  expect(impact(install).haproxy).toBe(expected);
});

test("a change on another node is not this one's", () => {
  const elsewhere = { ...change([unit("haproxy", "restart")]), node: "lb2" };
  expect(impact(elsewhere).haproxy).toBe("none");
});

test.each([
  [write("/etc/ssh/sshd_config", ""), "sshd"],
  [write("/etc/firewalld/zones/public.xml", ""), "the firewall"],
  [unit("firewalld", "reload"), "the firewall"],
  [write("/etc/netplan/50.yaml", ""), "the network interfaces"],
  [{ kind: "run", argv: ["iptables", "-t", "filter", "-P", "INPUT", "DROP"] }, "the firewall"],
] as const)("%o may cut the way to the node", (action, what) => {
  expect(impact(change([action])).cuts).toEqual([what]);
});
