import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DrillResult, FaultResult, Reason } from "../../src/drill/result.ts";
import { withLab } from "./lab-fixture.ts";
import { type Finished, lbplay, start } from "./lbplay.ts";

const lab = withLab({
  name: "drill",
  measures: true,
  nodes: ["lb1", "lb2", "web1", "web2"],
  packages: ["haproxy", "keepalived", "rsyslog", "logrotate", "openssl", "socat", "curl", "nftables"],
  groupVars: { lb: { lbplay_pair: true } },
});

/** A check that asks HAProxy, and so notices one that hangs; patient enough for a busy machine. */
const VARS = {
  keepalived_startup_delay: 0,
  keepalived_scripts: [
    {
      name: "haproxy-answers",
      script: "/usr/bin/curl -fsS -m 2 -o /dev/null http://127.0.0.1:8404/healthz",
      interval: 2,
      timeout: 2,
      fall: 2,
    },
  ],
};

const site = (): Promise<Finished> =>
  lbplay([
    "run",
    "playbooks/site.yaml",
    "-i",
    "inventory/lab",
    "-i",
    lab.inventoryFile(),
    "-e",
    JSON.stringify(VARS),
  ]);

let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lbplay-drill-"));
  const built = await site();
  expect({ code: built.code, stderr: built.stderr }).toEqual({ code: 0, stderr: "" });
  await atRest();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const words = (...more: readonly string[]): readonly string[] => [
  "drill",
  "-i",
  lab.inventoryFile(),
  "--rate",
  "50",
  ...more,
];

/** A drill to its end, with its result. */
const drill = async (...more: readonly string[]): Promise<Finished & { readonly result: DrillResult }> => {
  const finished = await lbplay(words(...more, "--output", "json"));
  try {
    return { ...finished, result: JSON.parse(finished.stdout) as DrillResult };
  } catch {
    throw new Error(`no result (exit ${finished.code}):\n${finished.stdout}\n${finished.stderr}`);
  }
};

/** What the pair lacks; empty when it is fit. */
const lacks = async (): Promise<string> => {
  const { code, stdout, stderr } = await lbplay(["status", "-i", lab.inventoryFile()]);
  return code === 0 ? "" : `${stdout}${stderr}`;
};

const atRest = (): Promise<void> =>
  vi.waitFor(async () => expect(await lacks()).toBe(""), { timeout: 60_000, interval: 1000 });

/** A busy machine makes figures late; what was done, and who had what when, it does not change. */
const serious = ({ verdict }: FaultResult): readonly Reason[] =>
  verdict.kind === "failed" ? verdict.reasons.filter(({ kind }) => kind !== "prediction") : [];

const holders = async (): Promise<readonly string[]> => {
  const held = await Promise.all(
    ["lb1", "lb2"].map(async (node) => {
      const { stdout } = await lab.exec(node, `ip -o addr show to ${lab.vip()}`);
      return stdout === "" ? [] : [node];
    }),
  );
  return held.flat();
};

/** What a drill keeps on a node, and what it puts into a node to break it. */
const leftovers = async (node: string): Promise<string> =>
  lab.output(
    node,
    "ls -d /var/lib/lbplay/drill 2>/dev/null; nft list tables | grep lbplay; grep ' /var/log ' /proc/mounts; systemctl list-units --all --plain --no-legend 'lbplay-drill*'; true",
  );

describe("a healthy pair", () => {
  it("passes every fault, is as before after each, and nothing is left", { timeout: 600_000 }, async () => {
    const [json, junit] = ["drill.json", "drill.xml"].map((name) => join(directory, name));
    const { code, result, stderr } = await drill(
      "--keep-going",
      "--json",
      json ?? "",
      "--junit",
      junit ?? "",
    );
    const table = result.faults.map((fault) => [
      fault.id,
      fault.verdict.kind,
      fault.figures?.outageMaxMs,
      fault.verdict.kind === "failed" ? fault.verdict.reasons.map(({ text }) => text) : "",
    ]);
    console.info(table.map((row) => row.join(" ")).join("\n"));
    expect(result.faults.flatMap((fault) => serious(fault))).toEqual([]);
    expect(result.faults.map(({ repeats }) => repeats.length)).toEqual(Array(17).fill(1));
    expect(result.summary).toMatchObject({ unavailable: 0, notRun: 0, stopped: null });
    expect({ ok: result.summary.ok, code, stderr }).toEqual({
      ok: result.summary.failed === 0,
      code: result.summary.failed === 0 ? 0 : 1,
      stderr: "",
    });

    const of = (id: string) => result.faults.find((fault) => fault.id === id)?.repeats[0];
    for (const id of ["haproxy-stop", "haproxy-freeze", "keepalived-stop", "cable", "reboot", "power-off"])
      expect(of(id)?.owners, id).toMatchObject({ before: ["lb1"], during: ["lb2"], after: ["lb1"] });
    expect(of("vrrp-block")?.owners).toMatchObject({ during: ["lb1", "lb2"], after: ["lb1"] });
    expect(of("vrrp-block")?.severalMs).toBeGreaterThan(1000);
    expect(of("reload")).toMatchObject({ held: { cut: 0 }, owners: { during: ["lb1"] } });
    expect(of("switchover")?.held?.cut).toBe(10);
    expect(of("backends-down")?.outage.errors).toHaveProperty("status 503");
    expect(of("haproxy-stop")?.vrrp).toContainEqual(
      expect.objectContaining({ node: "lb2", state: "MASTER", source: "journal" }),
    );
    expect(JSON.parse(readFileSync(json ?? "", "utf8"))).toEqual(result);
    expect(readFileSync(junit ?? "", "utf8").match(/<testcase /g)).toHaveLength(17);
    expect(await holders()).toEqual(["lb1"]);
    for (const node of ["lb1", "lb2"]) expect(await leftovers(node)).toBe("");
  });

  it("can be asked from another host, and is judged by a team's own file", async () => {
    const file = join(directory, "team.yaml");
    writeFileSync(
      file,
      "faults:\n  - reload\n  - {fault: switchover, max_outage: 10s, repeat: 2}\nfrom: web1\nmax_outage: 5s\n",
    );
    const { result } = await drill("--file", file);
    expect(result.faults.flatMap((fault) => serious(fault))).toEqual([]);
    expect(result.environment).toMatchObject({ from: "web1", everyMs: 50 });
    expect(result.faults.map(({ id, budgetMs, repeats }) => [id, budgetMs, repeats.length])).toEqual([
      ["switchover", 10_000, 2],
      ["reload", 5000, 1],
    ]);
    for (const { repeats } of result.faults)
      for (const { outage, held } of repeats) {
        expect(outage.requests).toBeGreaterThan(10);
        expect(held?.opened).toBe(10);
      }
  });

  it("that is no lab's needs a yes, and is only looked at without it", async () => {
    const inventory = join(directory, "hosts.yaml");
    writeFileSync(inventory, readFileSync(lab.inventoryFile(), "utf8").replace(/^.*lab_name:.*\n/m, ""));
    const refused = await lbplay(["drill", "-i", inventory, "--faults", "haproxy-stop"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain("1. haproxy-stop: HAProxy is stopped on the owner");
    expect(refused.stderr).toContain("--yes");
    const check = await lbplay(["drill", "-i", inventory, "--check"]);
    expect(check).toMatchObject({ code: 0, stderr: "" });
    expect(check.stdout).toContain("cannot be done here: power-off");
    expect(check.stdout).toContain("nothing was changed");
    expect((await lab.output("lb1", "systemctl is-active haproxy")).trim()).toBe("active");
  });
});

describe("whatever becomes of the one who drills", () => {
  it("Ctrl-C undoes at once, and the pair is as before", async () => {
    const running = start(words("--faults", "haproxy-freeze,reload"));
    await running.said("injected on lb1");
    running.signal("SIGINT");
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toMatchObject({
      code: 130,
      stdout: expect.stringContaining("interrupted: somebody stopped the drill"),
    });
    expect(await lab.output("lb1", "ps -o stat= -C haproxy")).not.toMatch(/T/);
    expect(await holders()).toEqual(["lb1"]);
    expect(await leftovers("lb1")).toBe("");
    await atRest();
  });

  it("kill -9 leaves a node without its interface, which it sets up again by itself", async () => {
    const routes = await lab.output("lb1", "ip route show");
    const running = start(words("--faults", "cable"));
    await running.said("injected on lb1");
    await expect
      .poll(() => lab.output("lb1", "ip -o link show host0"), { interval: 50 })
      .not.toMatch(/[<,]UP[,>]/);
    running.signal("SIGKILL");
    await running.done;
    await expect
      .poll(async () => (await lab.ssh("lb1", "true")).code, { timeout: 60_000, interval: 1000 })
      .toBe(0);
    expect(await lab.output("lb1", "ip route show")).toBe(routes);
  });

  it("what it left is undone by the next drill, or by the node when the time is over", async () => {
    await expect.poll(holders, { timeout: 30_000 }).toHaveLength(1);
    const [owner = ""] = await holders();
    await lbplay(["switchover", "-i", lab.inventoryFile(), "--to", "lb1", "--yes"]);
    await atRest();
    const running = start(words("--faults", "disk-full"));
    await running.said("injected on lb1 and lb2");
    running.signal("SIGKILL");
    await running.done;
    expect(await leftovers("lb2")).toContain("lbplay-drill /var/log tmpfs");
    await expect.poll(() => leftovers("lb2"), { timeout: 60_000, interval: 500 }).not.toContain("/var/log");
    const { result } = await drill("--faults", "reload");
    expect(result.faults.flatMap((fault) => serious(fault))).toEqual([]);
    for (const node of ["lb1", "lb2"]) expect(await leftovers(node)).toBe("");
    expect(owner).not.toBe("");
  });
});

describe("a pair with a planted defect", () => {
  const both = (script: string): Promise<readonly string[]> =>
    Promise.all(["lb1", "lb2"].map((node) => lab.output(node, script)));

  const reasonsOf = ({ faults }: DrillResult): readonly Reason[] =>
    faults.flatMap(({ verdict }) => (verdict.kind === "failed" ? verdict.reasons : []));

  it("fails with weights that never move the address", async () => {
    await both("cp -a /etc/keepalived/keepalived.conf /root/keepalived.conf; systemctl stop keepalived");
    for (const [node, priority, state] of [
      ["lb1", 101, "MASTER"],
      ["lb2", 50, "BACKUP"],
    ] as const)
      await lab.output(
        node,
        `cat >/etc/keepalived/keepalived.conf <<'END'\n${weights(priority, state)}\nEND\nsystemctl start keepalived`,
      );
    await atRest();
    const { code, result } = await drill("--faults", "haproxy-stop");
    await both("cp -a /root/keepalived.conf /etc/keepalived/keepalived.conf; systemctl restart keepalived");
    expect(code).toBe(1);
    expect(reasonsOf(result)[0]).toEqual({
      kind: "owner",
      text: expect.stringMatching(
        new RegExp(
          `^lb1 kept ${lab.vip()}, and nobody answered until the fault was undone: lb2 has no more than`,
        ),
      ),
    });
    expect(result.faults[0]?.repeats[0]?.predicted).toMatchObject({ outcome: "never" });
    await atRest();
  });

  const weights = (priority: number, state: string): string => `
vrrp_script chk_haproxy {
    script "/usr/bin/pgrep -x haproxy"
    interval 1
    weight 2
}
vrrp_instance VI_1 {
    state ${state}
    interface host0
    virtual_router_id 77
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${lab.vip()}/32 dev host0
    }
    track_script {
        chk_haproxy
    }
}`;

  it("is refused where a firewall keeps the nodes from hearing each other", async () => {
    await both(
      "nft add table inet wall; nft 'add chain inet wall input { type filter hook input priority 0; }'; nft add rule inet wall input meta l4proto 112 drop",
    );
    await expect.poll(holders, { timeout: 30_000 }).toEqual(["lb1", "lb2"]);
    const { code, result } = await drill("--faults", "haproxy-stop");
    await both("nft delete table inet wall");
    expect(code).toBe(1);
    expect(result.summary).toMatchObject({ notRun: 1, ok: false });
    expect(result.summary.stopped).toContain(
      `lb1 and lb2 both have ${lab.vip()}: they do not hear each other`,
    );
    await atRest();
  });

  it("fails where a reload does nothing", async () => {
    await both(
      "mkdir -p /etc/systemd/system/haproxy.service.d; printf '[Service]\\nExecReload=\\nExecReload=/bin/true\\n' >/etc/systemd/system/haproxy.service.d/zz-stale.conf; systemctl daemon-reload",
    );
    const { code, result } = await drill("--faults", "reload");
    await both("rm /etc/systemd/system/haproxy.service.d/zz-stale.conf; systemctl daemon-reload");
    expect(code).toBe(1);
    expect(reasonsOf(result)[0]).toEqual({
      kind: "effect",
      text: expect.stringContaining("the reload did nothing: no new process of HAProxy has begun"),
    });
  });

  it("fails where HAProxy may not bind an address that its node does not have", async () => {
    await both("sysctl -qw net.ipv4.ip_nonlocal_bind=0");
    const { code, result } = await drill("--faults", "haproxy-stop");
    await both(
      "sysctl -qw net.ipv4.ip_nonlocal_bind=1; systemctl reset-failed haproxy; systemctl start haproxy",
    );
    expect(code).toBe(1);
    expect(reasonsOf(result)[0]).toEqual({
      kind: "undo",
      text: expect.stringMatching(/could not be undone on lb\d.*cannot bind/i),
    });
    expect(result.summary.stopped).toContain("HAProxy stopped");
    await atRest();
  });
});
