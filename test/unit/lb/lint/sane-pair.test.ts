import { expect, test } from "vitest";
import { EXAMPLE_NOW, examplePair } from "../../../../src/lb/lint/example.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";
import type { Example } from "../../../../src/lb/lint/rule.ts";
import type { Listener } from "../../../../src/lb/pair/facts.ts";
import { renderCases } from "../render-case.ts";

// Nothing may be said of a pair that is in order: an alarm that is false stops a run, and teaches to switch alarms off.

const HAPROXY = `global
    log 127.0.0.1:514 local2
    log-send-hostname
    chroot /var/lib/haproxy
    user haproxy
    group haproxy
    maxconn 4000
    hard-stop-after 15m
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets

defaults
    mode http
    log global
    option httplog
    option dontlognull
    option redispatch
    option idle-close-on-response
    retries 3
    timeout connect 5000
    timeout client  50000
    timeout server  50000
    timeout http-request 10s
    timeout queue 30s
    errorfile 503 /etc/haproxy/errors/503.http

frontend health
    bind 127.0.0.1:8404
    monitor-uri /healthz

listen stats
    bind 127.0.0.1:8405
    stats enable
    stats uri /

frontend web
    bind 192.0.2.100:80
    bind 192.0.2.100:443 ssl crt /etc/haproxy/certs/ alpn h2,http/1.1
    acl is_api path_beg /api/
    acl internal src 192.0.2.0/24
    http-request redirect scheme https code 301 unless { ssl_fc }
    http-request deny if { path_beg /admin } !internal
    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    use_backend api if is_api
    default_backend app

backend app
    balance roundrobin
    cookie SRV insert indirect nocache httponly secure
    option httpchk
    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host www.example.com
    server web1 192.0.2.21:80 check cookie w1
    server web2 192.0.2.22:80 check cookie w2
    server sorry 192.0.2.29:80 check backup

backend api
    balance leastconn
    option httpchk GET /healthz
    server api1 192.0.2.31:8443 ssl verify required ca-file /etc/haproxy/ca.pem sni req.hdr(host) check
    server api2 192.0.2.32:8443 ssl verify required ca-file /etc/haproxy/ca.pem sni req.hdr(host) check

listen db
    mode tcp
    option tcplog
    bind 192.0.2.100:5432
    option tcp-check
    default-server check inter 2s fall 3 rise 2
    server db1 192.0.2.41:5432
    server db2 192.0.2.42:5432 backup
`;

const keepalived = (priority: number, own: number, other: number): string => `global_defs {
    router_id lb${own}
    enable_script_security
    script_user root
    vrrp_garp_master_refresh 60
    vrrp_startup_delay 5
}

vrrp_script chk_haproxy {
    script "/usr/bin/curl -fsS -m 1 http://127.0.0.1:8404/healthz"
    interval 1
    timeout 1
    fall 2
    rise 3
    weight 0
}

vrrp_instance VI_1 {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 61
    priority ${priority}
    advert_int 1
    unicast_src_ip 192.0.2.1${own}
    unicast_peer {
        192.0.2.1${other}
    }
    virtual_ipaddress {
        192.0.2.100/32 dev eth0
    }
    track_script {
        chk_haproxy
    }
}
`;

const listening = (address: string, port: number): Listener => ({
  protocol: "tcp",
  address,
  port,
  process: "haproxy",
});

const SANE: Example = {
  haproxy: { both: HAPROXY },
  keepalived: { lb1: keepalived(254, 1, 2), lb2: keepalived(253, 2, 1) },
  facts: {
    both: {
      listeners: [
        { protocol: "udp", address: "127.0.0.1", port: 514, process: "rsyslogd" },
        listening("127.0.0.1", 8404),
        listening("127.0.0.1", 8405),
        ...[80, 443, 5432].map((port) => listening("192.0.2.100", port)),
      ],
    },
  },
};

const said = (example: Example, kinds: readonly string[]): readonly string[] => {
  const pair = examplePair(example);
  return rules.flatMap((rule) =>
    rule
      .check(pair, { now: EXAMPLE_NOW })
      .filter((finding) => kinds.includes(finding.severity ?? rule.severity))
      .map(({ message }) => `${rule.id}: ${message}`),
  );
};

test("a pair that an experienced operator wrote by hand", () => {
  expect(said(SANE, ["error", "warning"])).toEqual([]);
});

test("the site as it is rendered for the version of Debian 12", () => {
  const site = renderCases("haproxy").find(({ name }) => name === "site.yml");
  if (site?.file == null) throw new Error("there is no case of the site");
  const { facts, ...rest } = SANE;
  expect(
    said({ ...rest, facts: facts ?? {}, haproxy: { both: site.file } }, ["error", "warning", "info"]),
  ).toEqual([]);
});

test.each(renderCases("haproxy").filter(({ file }) => file !== null && file !== undefined))(
  "no rule stops a run for what is rendered in $name without facts",
  ({ name, file }) => {
    const pair = examplePair({ haproxy: { both: file ?? "" } });
    const bare = { ...pair, nodes: pair.nodes.map((node) => ({ ...node, facts: null })) };
    const errors = rules.flatMap((rule) =>
      rule
        .check(bare, { now: EXAMPLE_NOW })
        .filter((finding) => (finding.severity ?? rule.severity) === "error")
        .map(({ message }) => `${rule.id}: ${message}`),
    );
    // This model asks for it: POST is sent again on purpose.
    expect(errors.filter((error) => !(name === "retries.yml" && error.startsWith("H22")))).toEqual([]);
  },
);
