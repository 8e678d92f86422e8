import { expect, test } from "vitest";
import { examplePair } from "../../../../src/lb/lint/example.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";
import type { Example } from "../../../../src/lb/lint/rule.ts";

// Mistakes that public walkthroughs for keepalived teach: each is found, by the rule that is about it.

const found = (example: Example): ReadonlyMap<string, string> =>
  new Map(
    rules
      .filter(({ id }) => /^(K|X[0123])/.test(id))
      .flatMap((rule) =>
        rule.check(examplePair(example), { now: 0 }).map(({ message }) => [rule.id, message]),
      ),
  );

const tutorial = (priority: number, lines: string, before = ""): string => `
  global_defs {
    notification_email {
      ops@example.com
    }
    smtp_server 127.0.0.1
    router_id LVS_DEVEL
  }
  ${before}
  vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    authentication {
      auth_type PASS
      auth_pass 1111
    }
    virtual_ipaddress {
      192.0.2.100
    }
    ${lines}
  }`;

test("a check by name, a misspelt weight, everything copied to both nodes", () => {
  const check = `vrrp_script chk_haproxy {
    script "killall -0 haproxy"
    interval 2
    weigth 2
  }`;
  const lines = "track_interface {\neth0\n}\ntrack_script {\nchk_haproxy\n}";
  const findings = found({
    keepalived: { lb1: tutorial(101, lines, check), lb2: tutorial(100, lines, check) },
  });
  expect([...findings.keys()].toSorted()).toEqual(
    ["K16", "K19", "K21", "K23", "K24", "K25", "K28", "K31", "X21", "X29", "X30"].toSorted(),
  );
});

test("no tracker at all", () => {
  const findings = found({ keepalived: { lb1: tutorial(101, ""), lb2: tutorial(50, "") } });
  expect([...findings.keys()]).toEqual(expect.arrayContaining(["K45", "X21", "K16"]));
  expect([...findings.keys()]).not.toContain("X23");
});

test("a weight that does not reach over the gap, with the numbers of the pair", () => {
  const check = `vrrp_script chk_haproxy {
    script "/usr/bin/pgrep -x haproxy"
    interval 2
    weight 2
  }`;
  const lines = "track_script {\nchk_haproxy\n}";
  const findings = found({
    keepalived: { lb1: tutorial(101, lines, check), lb2: tutorial(50, lines, check) },
  });
  expect(findings.get("X23")).toBe(
    "chk_haproxy failing on lb1 leaves it at 101, still above lb2's 52: the addresses of VI_1 would never move",
  );
});

test("nopreempt beside a weighted check", () => {
  const check = 'vrrp_script chk_haproxy {\nscript "/usr/bin/pgrep -x haproxy"\ninterval 2\nweight -50\n}';
  const lines = "nopreempt\ntrack_script {\nchk_haproxy\n}";
  const node = (priority: number): string =>
    tutorial(priority, lines, check).replace("state MASTER", "state BACKUP");
  expect([...found({ keepalived: { lb1: node(101), lb2: node(100) } }).keys()]).toContain("X25");
});

test("a script that is tracked but defined nowhere", () => {
  const lines = "track_script {\nchk_haproxy\n}";
  expect([...found({ keepalived: { lb1: tutorial(101, lines) } }).keys()]).toContain("K18");
});

test("a virtual address that is the node's own", () => {
  const own = tutorial(101, "").replace("192.0.2.100", "192.0.2.11");
  expect(found({ keepalived: { lb1: own } }).get("K05")).toContain(
    "192.0.2.11 of VI_1 is the own address of lb1",
  );
});

test("the same mistake on both nodes is told once", () => {
  const rule = rules.find(({ id }) => id === "K45");
  const pair = examplePair({ keepalived: { lb1: tutorial(101, ""), lb2: tutorial(50, "") } });
  expect(rule?.check(pair, { now: 0 }).map(({ nodes }) => nodes)).toEqual([["lb1", "lb2"]]);
});
