import { expect, test } from "vitest";
import { EXAMPLE_NOW, examplePair } from "../../../../src/lb/lint/example.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";

// What well-known instructions for HAProxy pairs get wrong, in configurations as they come out when one follows them.

const DEFAULTS = `defaults
    mode http
    log global
    timeout connect 5s
    timeout client 1m
    timeout server 1m
`;

const TUTORIALS: readonly {
  readonly what: string;
  readonly config: string;
  readonly ids: readonly string[];
}[] = [
  {
    what: "TLS passed through, with rules for HTTP and a check of another age",
    config: `global
    log 127.0.0.1 local2 info
    maxconn 4000
${DEFAULTS}    maxconn 3000
frontend https-in *:443
    mode tcp
    default_backend secure
backend secure
    mode tcp
    option ssl-hello-chk
    server www1 192.0.2.21:443 check
    server www2 192.0.2.22:443 check
    http-request add-header X-Forwarded-Proto https if { ssl_fc }
`,
    ids: ["H11", "H13", "H14", "H25", "H47"],
  },
  {
    what: "a load balancer in half an hour",
    config: `${DEFAULTS}listen stats
    bind *:9999
    stats enable
    stats auth haproxy:passw0rd
frontend app-in
    bind *:8443 ssl no-sslv3 crt my-crt-key.pem
    default_backend app
backend app
    server srv1 192.0.2.21:80
    server srv2 192.0.2.22:80
`,
    ids: ["H05", "H06", "H23", "H25", "H47", "T09", "T11", "X44"],
  },
  {
    what: "every failure retried",
    config: `${DEFAULTS}    timeout http-request 10s
    retry-on all-retryable-errors
frontend web
    bind *:80
    bind 192.0.2.100:443 ssl crt /etc/ssl/mycert.pem
    redirect scheme https if !{ ssl_fc }
    default_backend web
backend web
    server s1 192.0.2.21:80 check
    server s2 192.0.2.22:80 check
`,
    ids: ["H21", "H22", "H25", "H47", "X44"],
  },
  {
    what: "HAProxy 1.4 behind another that ends TLS",
    config: `global
    log 127.0.0.1 local0
defaults
    log global
    mode http
    retries 3
    option redispatch
    contimeout 5000
    clitimeout 50000
    srvtimeout 50000
listen webfarm 192.0.2.100:80
    stats enable
    stats auth someuser:somepassword
    cookie JSESSIONID prefix
    acl secure hdr(X-Forwarded-Proto) -i https
    redirect prefix https://192.0.2.100 if !secure
    server webA 192.0.2.21:80 cookie A check
    server webB 192.0.2.22:80 cookie B check
`,
    ids: ["H06", "H14", "H19", "H23", "H25", "H29", "H47"],
  },
];

test.each(TUTORIALS)("$what: what is wrong is found, and nothing else", ({ config, ids }) => {
  const pair = examplePair({ haproxy: { lb1: config } });
  // Files alone: nothing is known of any node.
  const bare = { ...pair, nodes: pair.nodes.map((node) => ({ ...node, facts: null })) };
  const found = rules.filter((rule) => rule.check(bare, { now: EXAMPLE_NOW }).length > 0).map(({ id }) => id);
  expect(found.toSorted()).toEqual(ids);
});
