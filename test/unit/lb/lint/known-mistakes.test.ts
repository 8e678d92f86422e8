import { expect, test } from "vitest";
import { EXAMPLE_NOW, examplePair } from "../../../../src/lb/lint/example.ts";
import { lintPair } from "../../../../src/lb/lint/lint.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";
import type { Example } from "../../../../src/lb/lint/rule.ts";

// Mistakes that walkthroughs and other tools' templates and examples are known for. Each is written as it is met, a whole
// pair with all else that comes with it, and the rules that have to see it are named.

interface Instance {
  readonly state?: string;
  readonly priority: number;
  readonly more?: string;
  readonly address?: string;
}

const instance = ({ state = "BACKUP", priority, more = "", address = "192.0.2.100/32" }: Instance): string =>
  `vrrp_instance VI_1 {
    state ${state}
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
${more}    virtual_ipaddress {
        ${address}
    }
}
`;

const SCRIPT = (lines: string): string => `vrrp_script chk_haproxy {
    script "/usr/bin/killall -0 haproxy"
    interval 2
${lines}}
`;

const TRACKED = "    track_script {\n        chk_haproxy\n    }\n";

const PASSWORD = (word: string): string =>
  `    authentication {\n        auth_type PASS\n        auth_pass ${word}\n    }\n`;

/** Both nodes with the same text around an instance of their own. */
const keepalived = (before: string, one: Instance, other: Instance): Example => ({
  keepalived: { lb1: before + instance(one), lb2: before + instance(other) },
});

const site = (lines: string, backend = ""): Example => ({
  haproxy: {
    both: `defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
${lines}
backend app
    balance roundrobin
${backend}    server web1 192.0.2.21:80 check
    server web2 192.0.2.22:80 check
`,
  },
});

const WEB = "frontend web\n    bind 192.0.2.100:80\n    default_backend app";

const MISTAKES: readonly (readonly [what: string, example: Example, ids: readonly string[]])[] = [
  [
    "a check that gives 2 points to nodes that are 51 apart moves nothing",
    keepalived(
      SCRIPT("    weight 2\n"),
      { state: "MASTER", priority: 101, more: TRACKED },
      { priority: 50, more: TRACKED },
    ),
    ["X23", "K24", "K25"],
  ],
  [
    "152 against 101 with a check of weight 3, as a web interface writes it",
    keepalived(
      SCRIPT("    weight 3\n"),
      { state: "MASTER", priority: 152, more: TRACKED },
      { priority: 101, more: TRACKED },
    ),
    ["X23"],
  ],
  [
    "priority 255 beside a check that is meant to lower it",
    keepalived(
      SCRIPT("    weight 3\n"),
      { state: "MASTER", priority: 255, more: TRACKED },
      { priority: 100, more: TRACKED },
    ),
    ["X22"],
  ],
  [
    "nopreempt, which keeps the other node from taking over from one that a check has lowered",
    keepalived(
      SCRIPT("    weight -20\n    fall 2\n    rise 2\n"),
      { priority: 101, more: `    nopreempt\n${TRACKED}` },
      { priority: 100, more: `    nopreempt\n${TRACKED}` },
    ),
    ["X25"],
  ],
  [
    "a misspelt weight, which makes a failure a FAULT",
    keepalived(
      SCRIPT("    weigth 2\n"),
      { state: "MASTER", priority: 101, more: TRACKED },
      { priority: 100, more: TRACKED },
    ),
    ["K28"],
  ],
  [
    "nothing that watches haproxy, and one node's file copied to the other",
    keepalived("", { state: "MASTER", priority: 101 }, { state: "MASTER", priority: 101 }),
    ["K45", "X20", "X21"],
  ],
  [
    "a password that is longer than what counts of it, and one from a tutorial",
    keepalived(
      "",
      { priority: 101, more: PASSWORD("a-long-password") },
      { priority: 100, more: PASSWORD("1111") },
    ),
    ["K15", "K16", "X06"],
  ],
  [
    "killall as a user who may not signal haproxy",
    keepalived(
      `global_defs {\n    script_user keepalived_script\n    enable_script_security\n}\n${SCRIPT("")}`,
      { priority: 101, more: TRACKED },
      { priority: 100, more: TRACKED },
    ),
    ["K23"],
  ],
  [
    "killall on a system that has none",
    {
      ...keepalived(SCRIPT(""), { priority: 101, more: TRACKED }, { priority: 100, more: TRACKED }),
      facts: { both: { files: new Map([["/usr/bin/killall", null]]) } },
    },
    ["K20"],
  ],
  [
    "a virtual address that one of the nodes has already",
    keepalived("", { priority: 101, address: "192.0.2.11/24" }, { priority: 100, address: "192.0.2.11/24" }),
    ["K05"],
  ],
  [
    "a virtual address in a network that nobody is in",
    keepalived(
      "",
      { priority: 101, address: "198.51.100.7/32" },
      { priority: 100, address: "198.51.100.7/32" },
    ),
    ["K06"],
  ],
  [
    "a virtual_router_id for each node, so that both have the address",
    {
      keepalived: {
        lb1: instance({ priority: 101 }),
        lb2: instance({ priority: 100 }).replace("virtual_router_id 51", "virtual_router_id 52"),
      },
    },
    ["X01"],
  ],
  [
    "half a second between adverts, which VRRP 2 rounds",
    {
      keepalived: {
        lb1: instance({ priority: 101 }).replace("advert_int 1", "advert_int 0.5"),
        lb2: instance({ priority: 100 }).replace("advert_int 1", "advert_int 0.5"),
      },
    },
    ["K13"],
  ],
  [
    "vrrp_strict from the sample file, with a password",
    keepalived(
      "global_defs {\n    vrrp_strict\n}\n",
      { priority: 101, more: PASSWORD("pass4vip") },
      { priority: 100, more: PASSWORD("pass4vip") },
    ),
    ["K17"],
  ],
  [
    "unicast on one node only",
    keepalived(
      "",
      { priority: 101, more: "    unicast_peer {\n        192.0.2.12\n    }\n" },
      { priority: 100 },
    ),
    ["X07"],
  ],
  [
    "multicast between two networks",
    {
      ...keepalived("", { priority: 101 }, { priority: 100 }),
      facts: {
        lb2: { addresses: [{ address: "198.51.100.12", prefix: 24, dev: "eth0", family: "ipv4" }] },
      },
    },
    ["X12"],
  ],
  [
    "retries that go to the server that has just failed",
    site(WEB, "    retry-on all-retryable-errors\n"),
    ["H21", "H22"],
  ],
  ["a TLS check that forges a hello of SSL 3", site(WEB, "    option ssl-hello-chk\n"), ["H13"]],
  [
    "headers set in a proxy that passes TLS through",
    site(
      "frontend tls\n    mode tcp\n    bind 192.0.2.100:443\n    http-request set-header X-Forwarded-Proto https\n    default_backend app",
    ),
    ["H11", "H12"],
  ],
  [
    "a statistics page for everybody, with a password that is in the article",
    site(
      `${WEB}\nlisten stats\n    bind *:1080\n    stats enable\n    stats uri /\n    stats auth admin:admin`,
    ),
    ["H23"],
  ],
  [
    "a virtual address that a standby cannot bind",
    {
      ...site(WEB),
      ...keepalived("", { priority: 101 }, { priority: 100 }),
      facts: { both: { sysctl: new Map([["net.ipv4.ip_nonlocal_bind", "0"]]) } },
    },
    ["H02"],
  ],
  [
    "cookies for persistence, and servers without one",
    site(WEB, "    cookie SRV insert indirect nocache\n"),
    ["H17"],
  ],
  [
    "SSL 3 turned off, and TLS 1.0 left on",
    {
      ...site(
        "frontend tls\n    bind 192.0.2.100:443 ssl crt /etc/haproxy/site.pem no-sslv3\n    default_backend app",
      ),
      facts: { both: { haproxy: { version: [1, 8, 0], text: "HA-Proxy version 1.8.0", openssl: true } } },
    },
    ["T09"],
  ],
  [
    "a log by UDP, and nobody who takes it",
    {
      haproxy: { both: `global\n    log 127.0.0.1:514 local2\n${site(WEB).haproxy?.both ?? ""}` },
      facts: { both: { listeners: [] } },
    },
    ["L01"],
  ],
  [
    "ports for outgoing connections that begin among those of services",
    {
      ...site("frontend web\n    bind 192.0.2.100:8080\n    default_backend app"),
      facts: { both: { sysctl: new Map([["net.ipv4.ip_local_port_range", "1024\t65023"]]) } },
    },
    ["H38"],
  ],
  [
    "a HAProxy that was built without TLS, for a site with certificates",
    {
      ...site(
        "frontend tls\n    bind 192.0.2.100:443 ssl crt /etc/haproxy/site.pem\n    default_backend app",
      ),
      facts: { both: { haproxy: { version: [1, 7, 2], text: "HA-Proxy version 1.7.2", openssl: false } } },
    },
    ["H50", "S02"],
  ],
  [
    "the line of old that names the address behind the frontend's name",
    site("frontend https-in *:443\n    default_backend app"),
    ["H14"],
  ],
];

test.each(MISTAKES)("%s", (_, example, ids) => {
  const found = lintPair(examplePair(example), rules, EXAMPLE_NOW).findings;
  expect(found.map(({ rule }) => rule.id)).toEqual(expect.arrayContaining([...ids]));
});
