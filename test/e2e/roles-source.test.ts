import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { execOnNode } from "../../src/lab/exec.ts";
import { aptCache } from "../../src/lab/image.ts";
import { withLab } from "./lab-fixture.ts";
import { failures, mostTrips, rolePlays } from "./role-run.ts";
import { type SourceArchive, sourceArchives } from "./source-archives.ts";

const lab = withLab({ name: "roles-source", nodes: ["lb1", "lb2"] });
const plays = rolePlays(lab);

let haproxy: SourceArchive;
let keepalived: SourceArchive;
let proxy = "";
beforeAll(async () => {
  const archives = await sourceArchives(lab, "lb1");
  proxy = archives.proxy;
  haproxy = await archives.of("haproxy");
  keepalived = await archives.of("keepalived");
});

/** Not optimized: what is tested is how it is built, not how fast it runs. */
const haproxyPlay = (vars: Readonly<Record<string, unknown>>, use = "auto"): string => `
- hosts: lb
  become: true
  environment: { http_proxy: "${proxy}" }
  vars: ${JSON.stringify({
    haproxy_source_version: haproxy.version,
    haproxy_source_checksum: haproxy.checksum,
    haproxy_source_make_arguments: ["CPU_CFLAGS=-O0"],
    haproxy_global: { maxconn: 1000 },
    ...vars,
  })}
  roles: [haproxy_source]
  tasks:
    - name: Configure HAProxy
      haproxy_config:
        global: { maxconn: 1000 }
        raw:
          - frontend answers
          - "    mode http"
          - "    bind :8080"
          - '    http-request return status 200 content-type text/plain string "built here"'
    - name: Run HAProxy
      service: { name: haproxy, state: started, use: ${use} }
`;

const page = (node: string): Promise<string> =>
  lab.output(node, "curl -fsS --max-time 5 http://127.0.0.1:8080/");

describe("HAProxy from a URL, run by systemd", () => {
  const play = (vars = {}): string => haproxyPlay({ haproxy_source_url: haproxy.url, ...vars });

  it("is built, serves, and is left alone once it is there", { timeout: 900_000 }, async () => {
    const changed = await plays.converge(play(), "--limit", "lb1");
    expect(changed).toContain("lb1: source_build : Build haproxy");
    expect(await page("lb1")).toBe("built here");
    const said = await lab.output("lb1", `/opt/haproxy/${haproxy.version}/sbin/haproxy -vv`);
    expect(said).toContain(`HAProxy version ${haproxy.version}`);
    for (const option of ["+OPENSSL", "+PCRE2", "+ZLIB", "+SYSTEMD"]) expect(said).toContain(option);
    expect(mostTrips(await plays.run(play(), "--limit", "lb1"))).toBeLessThanOrEqual(2);
    expect(await lab.output("lb1", "ls -d /tmp/haproxy-build* 2>/dev/null || true")).toBe("");
  });

  it("tells systemd when it is ready, has the descriptors it needs, and starts with the node", async () => {
    const shown = await lab.output(
      "lb1",
      "systemctl show -p Type,ActiveState,UnitFileState,LimitNOFILE haproxy | sort; systemctl show -P MainPID haproxy | xargs -I{} readlink /proc/{}/exe",
    );
    expect(shown.split("\n")).toEqual([
      "ActiveState=active",
      "LimitNOFILE=2500",
      "Type=notify",
      "UnitFileState=enabled",
      `/opt/haproxy/${haproxy.version}/sbin/haproxy`,
      "",
    ]);
    expect(await lab.output("lb1", "ps -o user= -C haproxy | sort -u")).toBe("haproxy\nroot\n");
  });

  it("runs another build from the next reload on, with the same master", async () => {
    await lab.output("lb1", `cp -a /opt/haproxy/${haproxy.version} /opt/haproxy/other`);
    const before = await lab.output("lb1", "systemctl show -P MainPID haproxy");
    const other = await plays.run(play({ haproxy_source_directory: "/opt/haproxy/other" }), "--limit", "lb1");
    expect(failures(other)).toEqual([]);
    expect(await lab.output("lb1", "systemctl show -P MainPID haproxy")).toBe(before);
    expect(await lab.output("lb1", `readlink /proc/${before.trim()}/exe`)).toBe(
      "/opt/haproxy/other/sbin/haproxy\n",
    );
    expect(await page("lb1")).toBe("built here");
  });

  it("does not start with fewer descriptors than its connections need", async () => {
    const { code, stdout } = await lab.exec(
      "lb1",
      "mkdir -p /run/systemd/system/haproxy.service.d && printf '[Service]\\nLimitNOFILE=100\\n' >/run/systemd/system/haproxy.service.d/few.conf && systemctl daemon-reload && systemctl restart haproxy; code=$?; journalctl -u haproxy -n 20 --no-pager -o cat; rm -r /run/systemd/system/haproxy.service.d; systemctl daemon-reload; systemctl reset-failed haproxy; systemctl restart haproxy; exit $code",
    );
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining("only 100 descriptors, 2500 are needed"),
    });
  });

  it("is refused before anything is touched where it cannot be right", async () => {
    const wrong: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
      [{ haproxy_source_ulimit: 2000 }, "1000 connections need at least 2018 descriptors"],
      [{ haproxy_source_checksum: "" }, "haproxy_source_checksum, as sha256:"],
      [{ haproxy_source_tree: "/usr/src/haproxy" }, "exactly one of haproxy_source_url"],
      [{ haproxy_source_version: "1.7.2" }, "-Ws came with 1.8"],
      [
        { haproxy_source_checksum: `sha256:${"0".repeat(64)}`, haproxy_source_archive_directory: "/var/tmp" },
        "checksum",
      ],
      [{ haproxy_source_version: "2.6.99" }, `is HAProxy ${haproxy.version}, not 2.6.99`],
    ];
    for (const [vars, message] of wrong) {
      const refused = await plays.run(play(vars), "--limit", "lb1");
      expect(refused.code).toBe(1);
      expect(failures(refused).join("\n")).toContain(message);
    }
    // What does not depend on the node is told before it is asked.
    const unknown = await plays.run(play({ haproxy_source_features: { quic: true } }), "--limit", "lb1");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("quic")]);
    expect(await page("lb1")).toBe("built here");
  });
});

describe("HAProxy from a file of this side, run by an init script", () => {
  it("counts as built where that version is there already, serves, reloads and stops", {
    timeout: 300_000,
  }, async () => {
    const file = join(
      aptCache(lab.place.stateRoot),
      new URL(haproxy.url).host,
      new URL(haproxy.url).pathname,
    );
    const tree = await lab.output("lb1", "cd /opt/haproxy && tar -czf - other | base64 -w0");
    const unpack = `mkdir -p /opt/haproxy && cd /opt/haproxy && base64 -d | tar -xz && mv other ${haproxy.version}`;
    expect((await execOnNode(lab.site(), "lb2", unpack, tree)).code).toBe(0);
    const changed = await plays.converge(
      haproxyPlay(
        {
          haproxy_source_archive: file,
          haproxy_source_packages: [],
          haproxy_source_service: "sysv",
          haproxy_source_features: { openssl: true, pcre2: "auto", zlib: "auto", systemd: true },
        },
        "sysvinit",
      ),
      "--limit",
      "lb2",
    );
    expect(changed).not.toContain("lb2: source_build : Build haproxy");
    expect(await page("lb2")).toBe("built here");
    const status = "/etc/init.d/haproxy status";
    expect((await lab.exec("lb2", status)).stdout).toMatch(/^haproxy is running: \d+/);
    expect(await lab.output("lb2", "ls /etc/rc3.d | grep haproxy")).toMatch(/^S\d\dhaproxy\n$/);
    expect(await lab.output("lb2", "grep 'open files' /proc/$(head -n1 /run/haproxy.pid)/limits")).toMatch(
      / 2500 /,
    );
    const before = await lab.output("lb2", "cat /run/haproxy.pid");
    await lab.output("lb2", "/etc/init.d/haproxy reload");
    expect(await lab.output("lb2", "cat /run/haproxy.pid")).not.toBe(before);
    expect(await page("lb2")).toBe("built here");
    const spoiled = await lab.exec(
      "lb2",
      "cp /etc/haproxy/haproxy.cfg /tmp/good; echo nonsense >>/etc/haproxy/haproxy.cfg; /etc/init.d/haproxy restart; code=$?; cp /tmp/good /etc/haproxy/haproxy.cfg; exit $code",
    );
    expect(spoiled.code).toBe(1);
    expect(await page("lb2")).toBe("built here");
    await lab.output("lb2", "/etc/init.d/haproxy stop");
    expect((await lab.exec("lb2", status)).code).toBe(3);
  });
});

describe("keepalived from an unpacked source", () => {
  it("is built, takes the address, and is left alone once it is there", { timeout: 900_000 }, async () => {
    const tree = "/usr/src/keepalived";
    await lab.output(
      "lb1",
      `mkdir -p ${tree} && curl -fsS -x ${proxy} ${keepalived.url} | tar -xz --strip-components=1 -C ${tree}`,
    );
    const play = `
- hosts: lb
  become: true
  vars: ${JSON.stringify({
    keepalived_source_version: keepalived.version,
    keepalived_source_tree: tree,
    keepalived_source_configure_arguments: ["CFLAGS=-O0"],
  })}
  roles: [keepalived_source]
  tasks:
    - name: Configure keepalived
      copy:
        dest: /etc/keepalived/keepalived.conf
        mode: "0600"
        validate: keepalived -t -f %s
        content: |
          vrrp_instance VI_1 {
              interface host0
              virtual_router_id 77
              priority 250
              virtual_ipaddress {
                  ${lab.vip()}/24
              }
          }
    - name: Run keepalived
      systemd: { name: keepalived, state: started }
`;
    const changed = await plays.converge(play, "--limit", "lb1");
    expect(changed).toContain("lb1: source_build : Build keepalived");
    await expect
      .poll(() => lab.output("lb1", `ip -o addr show to ${lab.vip()}`), { timeout: 20_000 })
      .not.toBe("");
    const shown = await lab.output(
      "lb1",
      "systemctl show -p Type,ActiveState,UnitFileState keepalived | sort; systemctl show -P MainPID keepalived | xargs -I{} readlink /proc/{}/exe; getent passwd keepalived_script | cut -d: -f1",
    );
    expect(shown.split("\n")).toEqual([
      "ActiveState=active",
      "Type=notify",
      "UnitFileState=enabled",
      `/opt/keepalived/${keepalived.version}/sbin/keepalived`,
      "keepalived_script",
      "",
    ]);
  });
});
