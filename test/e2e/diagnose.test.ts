import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { lbplay, runEvents } from "./lbplay.ts";

const lab = withLab({
  name: "diagnose",
  nodes: ["lb1", "lb2", "web1", "web2"],
  packages: [...SITE_PACKAGES, "nftables"],
});

const inventory = (): readonly string[] => ["-i", "inventory/lab", "-i", lab.inventoryFile()];

const LIMIT = { timeout: 300_000 } as const;

interface Told {
  readonly code: number;
  readonly well: boolean;
  readonly symptoms: readonly { readonly kind: string; readonly node: string | null }[];
  readonly causes: readonly {
    readonly kind: string;
    readonly nodes: readonly string[];
    readonly confidence: string;
    readonly message: string;
    readonly evidence: readonly string[];
  }[];
}

const diagnose = async (): Promise<Told> => {
  const { code, stdout, stderr } = await lbplay(["diagnose", ...inventory(), "--output", "json"]);
  expect(stderr).toBe("");
  return { code, ...JSON.parse(stdout).pairs[0] };
};

/** The most probable cause, in short; the whole is told where a test fails. */
const first = ({ code, causes, symptoms }: Told) => ({
  code,
  kind: causes[0]?.kind,
  nodes: causes[0]?.nodes,
  confidence: causes[0]?.confidence,
  symptoms: [...new Set(symptoms.map(({ kind }) => kind))],
});

const evidence = ({ causes }: Told): string => (causes[0]?.evidence ?? []).join("\n");

const both = (script: string): Promise<readonly string[]> =>
  Promise.all(["lb1", "lb2"].map((node) => lab.output(node, script)));

const states = async (): Promise<readonly string[]> =>
  JSON.parse((await lbplay(["status", ...inventory(), "--output", "json"])).stdout).pairs[0].nodes.map(
    (node: { readonly keepalived: { readonly instances: readonly { readonly state: string }[] } }) =>
      node.keepalived.instances[0]?.state,
  );

const reach = (...wanted: readonly string[]): Promise<void> =>
  vi.waitFor(async () => expect(await states()).toEqual(wanted), { timeout: 90_000, interval: 500 });

beforeAll(async () => {
  const { code, stderr } = await runEvents(["playbooks/site.yaml", ...inventory()]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  await vi.waitFor(async () => expect((await states()).toSorted()).toEqual(["BACKUP", "MASTER"]), {
    timeout: 90_000,
    interval: 500,
  });
}, 600_000);

describe("the site as lbplay made it", () => {
  it("has nothing wrong", LIMIT, async () => {
    const told = await diagnose();
    expect(
      { code: told.code, well: told.well, symptoms: told.symptoms },
      JSON.stringify(told, null, 1),
    ).toEqual({
      code: 0,
      well: true,
      symptoms: [],
    });
    const { stdout, code } = await lbplay(["diagnose", ...inventory()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lb: nothing is wrong\n/);
  });

  it("has drifted nowhere but in what is made on each node", LIMIT, async () => {
    const { code, stdout, stderr } = await lbplay([
      "drift",
      "playbooks/site.yaml",
      ...inventory(),
      "--output",
      "json",
    ]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: "" });
    const { intent, pairs } = JSON.parse(stdout);
    expect(intent).toEqual({ nodes: {}, failures: [], unreachable: [] });
    expect(pairs[0].compared).toEqual(["lb1", "lb2"]);
    // The lab's certificates are made on the nodes, and each has a key of its own.
    const whats: readonly string[] = pairs[0].differences.map(({ what }: { readonly what: string }) => what);
    expect(whats).toContain("/etc/haproxy/certs/site.pem, key");
    expect(whats.filter((what) => !/^\/etc\/haproxy\/(certs|self-signed)\//.test(what))).toEqual([]);
  });
});

describe("a node that was disturbed", () => {
  it("is told by drift, against the playbook and against its peer", LIMIT, async () => {
    await lab.output(
      "lb1",
      "cp -a /etc/haproxy/haproxy.cfg /root/; echo '# by hand' >>/etc/haproxy/haproxy.cfg; sed -i 's/^ *default_backend app/&\\n    maxconn 77/' /etc/haproxy/haproxy.cfg; systemctl disable keepalived",
    );
    try {
      const told = await lbplay(["drift", "playbooks/site.yaml", ...inventory(), "--output", "json"]);
      expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 4, stderr: "" });
      const { intent, pairs } = JSON.parse(told.stdout);
      expect(Object.keys(intent.nodes)).toEqual(["lb1"]);
      const changes = intent.nodes.lb1.flatMap(
        ({ changes: all }: { readonly changes: readonly { readonly field: string }[] }) => all,
      );
      expect(changes).toContainEqual(
        expect.objectContaining({
          field: "/etc/haproxy/haproxy.cfg",
          before: expect.stringContaining("# by hand"),
          after: expect.not.stringContaining("maxconn 77"),
        }),
      );
      expect(changes).toContainEqual(
        expect.objectContaining({ field: "keepalived enabled", before: "disabled", after: "yes" }),
      );
      const differences = expect.arrayContaining([
        { kind: "config", what: "haproxy.cfg, frontend web", values: { lb1: ["maxconn 77"], lb2: [] } },
        {
          kind: "unit",
          what: "keepalived.service, enabled",
          values: { lb1: ["disabled"], lb2: ["enabled"] },
        },
      ]);
      expect(pairs[0].differences).toEqual(differences);

      const alone = await lbplay(["drift", ...inventory()]);
      expect(alone.code).toBe(4);
      expect(alone.stdout).toContain("lb: lb1 and lb2 differ\n");
      expect(alone.stdout).toContain(
        "  haproxy.cfg, frontend web\n    lb1: maxconn 77\n    lb2: (nothing)\n",
      );
    } finally {
      await lab.output(
        "lb1",
        "mv /root/haproxy.cfg /etc/haproxy/haproxy.cfg; systemctl enable keepalived; systemctl reload haproxy",
      );
    }
  });

  it("has a HAProxy that could not bind", LIMIT, async () => {
    await lab.output(
      "lb2",
      "cp -a /etc/haproxy/haproxy.cfg /root/; printf 'listen taken\\n    bind :22\\n    server one 127.0.0.1:9\\n' >>/etc/haproxy/haproxy.cfg; systemctl reload haproxy || :",
    );
    try {
      await expect
        .poll(async () => first(await diagnose()), { timeout: 60_000 })
        .toMatchObject({
          code: 1,
          kind: "reload-failed",
          nodes: ["lb2"],
          confidence: "certain",
          symptoms: [],
        });
      expect(evidence(await diagnose())).toMatch(/sshd listens on \S+:22/);
    } finally {
      await lab.output("lb2", "mv /root/haproxy.cfg /etc/haproxy/haproxy.cfg; systemctl restart haproxy");
    }
  });

  it("has a log that nobody takes", LIMIT, async () => {
    await lab.output("lb1", "systemctl stop rsyslog syslog.socket");
    try {
      const told = await diagnose();
      expect(first(told), JSON.stringify(told, null, 1)).toMatchObject({
        code: 1,
        kind: "log-dead",
        nodes: ["lb1"],
        confidence: "certain",
      });
      expect(told.causes[0]?.message).toContain("rsyslog is inactive");
    } finally {
      await lab.output("lb1", "systemctl start rsyslog");
    }
  });
});

/** As the walkthroughs write it, by hand: VRRP 2, multicast, a password, a script. */
const keepalivedConf = (priority: number, { pass = "57924680", dev = "host0" } = {}): string => `global_defs {
    router_id node${priority}
    script_user root
}
vrrp_script chk_alive {
    script "/usr/bin/test ! -e /run/dead"
    interval 1
}
vrrp_instance VI_1 {
    state BACKUP
    interface ${dev}
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass ${pass}
    }
    virtual_ipaddress {
        ${lab.vip()}/24 dev ${dev}
    }
    track_script {
        chk_alive
    }
}
`;

const configure = (node: string, conf: string): Promise<string> =>
  lab.output(node, `cat >/etc/keepalived/keepalived.conf <<'END'\n${conf}END\nsystemctl restart keepalived`);

describe("a pair that was configured by hand", () => {
  beforeEach(async () => {
    await both("rm -f /run/dead; ip link del inner0 2>/dev/null; nft delete table inet fence 2>/dev/null; :");
    await configure("lb1", keepalivedConf(101));
    await configure("lb2", keepalivedConf(100));
    await reach("MASTER", "BACKUP");
  }, 120_000);

  it("does not share its password", LIMIT, async () => {
    await configure("lb2", keepalivedConf(100, { pass: "anothers" }));
    await reach("MASTER", "MASTER");
    const told = await diagnose();
    expect(first(told), JSON.stringify(told, null, 1)).toEqual({
      code: 1,
      kind: "authentication-mismatch",
      nodes: expect.arrayContaining(["lb1", "lb2"]),
      confidence: "certain",
      symptoms: ["split-brain"],
    });
    expect(JSON.stringify(told)).not.toMatch(/57924680|anothers/);
  });

  it("is parted by a firewall", LIMIT, async () => {
    await lab.output(
      "lb2",
      "nft 'add table inet fence; add chain inet fence in { type filter hook input priority 0; policy accept; }; add rule inet fence in meta l4proto 112 drop'",
    );
    await reach("MASTER", "MASTER");
    const told = await diagnose();
    expect(first(told), JSON.stringify(told, null, 1)).toEqual({
      code: 1,
      kind: "firewall-blocks-vrrp",
      nodes: ["lb2"],
      confidence: "certain",
      symptoms: ["split-brain"],
    });
  });

  it("has one node on the wrong interface", LIMIT, async () => {
    await lab.output(
      "lb2",
      "ip link add inner0 type veth peer name inner1; ip addr add 198.51.100.2/24 dev inner0; ip link set inner0 up; ip link set inner1 up",
    );
    await configure("lb2", keepalivedConf(100, { dev: "inner0" }));
    await reach("MASTER", "MASTER");
    const told = await diagnose();
    expect(first(told), JSON.stringify(told, null, 1)).toEqual({
      code: 1,
      kind: "wrong-interface",
      nodes: expect.arrayContaining(["lb2"]),
      confidence: "certain",
      symptoms: ["split-brain"],
    });
    expect(told.causes[0]?.message).toContain("host0");
  });

  it("is in FAULT on both nodes", LIMIT, async () => {
    await both("touch /run/dead");
    await reach("FAULT", "FAULT");
    const told = await diagnose();
    expect(first(told), JSON.stringify(told, null, 1)).toMatchObject({
      code: 1,
      kind: "check-fails",
      confidence: "certain",
      symptoms: expect.arrayContaining(["no-owner", "fault"]),
    });
    expect(told.causes.filter(({ kind }) => kind === "check-fails").flatMap(({ nodes }) => nodes)).toEqual([
      "lb1",
      "lb2",
    ]);
    expect(evidence(told)).toContain("exit code 1");
  });

  it("has one node that is off, and tells what the other one knows", LIMIT, async () => {
    await lab.kill("lb2");
    const told = await diagnose();
    expect(told.code).toBe(3);
    expect(told.symptoms).toContainEqual(expect.objectContaining({ kind: "unreachable", node: "lb2" }));
    await lab.start("lb2");
  });
});
