import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Action, Touched, UnitVerb, WriteAction } from "../../src/core/action.ts";
import type { Become } from "../../src/core/transport.ts";
import { type ActReport, createSession, type NodeSession } from "../../src/engine/session.ts";
import { connect } from "../../src/transport/connect.ts";
import { createKeyRing } from "../../src/transport/identity.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";

const lab = withLab({ name: "journal", nodes: ["lb1"], packages: SITE_PACKAGES });

const ROOT: Become = { method: "sudo", user: "root", password: null, exe: null, flags: [] };

const nonce = (): string => randomBytes(16).toString("hex");

/** A session of a run with a journal; it does not end by itself, so that a test can leave it as a dead run would. */
const session = (): NodeSession => {
  const made = createSession("lb1", {
    connect: () =>
      connect(
        {
          name: "lb1",
          connection: "ssh",
          host: lab.address("lb1"),
          port: 22,
          user: "admin",
          password: null,
          privateKeyFile: lab.site().paths.key,
          passphrase: null,
          knownHostsFiles: [lab.site().paths.knownHosts],
          hostKeyChecking: "strict",
          sshArgs: ["-F", "none"],
          connectTimeoutMs: 10_000,
        },
        { nonce, environment: { PATH: process.env.PATH }, keys: createKeyRing() },
      ),
    nonce,
    mode: "apply",
    owner: "test",
    run: nonce(),
    breakLock: false,
    locks: true,
    local: false,
    stopped: () => false,
    rolling: () => ({ journal: true, held: new Set() }),
    onShared: () => undefined,
    onChange: () => undefined,
  });
  onTestFinished(() => made.reset());
  return made;
};

const act = (on: NodeSession, ...actions: readonly Action[]): Promise<ActReport> =>
  on.act(ROOT, {
    actions,
    owes: [],
    environment: {},
    again: [],
    ahead: () => [],
    harmless: false,
    timeoutMs: null,
  });

const well = async (report: Promise<ActReport>): Promise<void> => {
  const { failed, outcomes } = await report;
  expect({ failed, said: outcomes.map(({ stderr }) => stderr.toString()).join("") }).toEqual({
    failed: false,
    said: "",
  });
};

const write = (path: string, text: string): WriteAction => ({
  kind: "write",
  path,
  content: Buffer.from(text),
  mode: null,
  owner: null,
  group: null,
  validate: null,
  backup: false,
});

const systemctl = (verb: UnitVerb, unit: string): Action => ({
  kind: "run",
  argv: ["systemctl", verb, unit],
  touches: [{ kind: "unit", unit, verb }],
});

const script = (text: string, ...touches: readonly Touched[]): Action => ({
  kind: "script",
  script: text,
  touches,
});

const CONFIG = "/etc/haproxy/haproxy.cfg";

const haproxyOn = (port: number): string =>
  `defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\nfrontend f\n  bind 127.0.0.1:${port}\n`;

const KEEPALIVED = "vrrp_instance v {\n  interface host0\n  virtual_router_id 51\n  priority 100\n}\n";

/** Ports of HAProxy, and how units are: active or not, enabled or not, and their main processes. */
const standing = async (): Promise<Readonly<Record<string, string>>> => {
  const said = await lab.output(
    "lb1",
    [
      "echo ports $(ss -Hltn 'sport >= 8000 and sport <= 8099' | awk '{ print $4 }')",
      "for u in haproxy keepalived one two three; do",
      'echo $u $(systemctl is-active $u) $(systemctl is-enabled $u 2>/dev/null) "$(systemctl show -p MainPID $u)"; done',
      "echo nonlocal $(cat /proc/sys/net/ipv4/ip_nonlocal_bind)",
      "echo files $(sha256sum /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf | sha256sum) $(find /etc/systemd/system /etc/sysctl.d | sort | sha256sum)",
      "echo environment $(systemctl show -p Environment one)",
    ].join("\n"),
  );
  return Object.fromEntries(
    said
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[0] ?? "", line.split(" ").slice(1).join(" ")]),
  );
};

const unit = (name: string): string =>
  `printf '[Service]\\nExecStart=sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/usr/local/lib/systemd/system/${name}.service`;

beforeEach(async () => {
  await lab.output(
    "lb1",
    [
      `cat >${CONFIG} <<'X'\n${haproxyOn(8001)}X`,
      `cat >/etc/keepalived/keepalived.conf <<'X'\n${KEEPALIVED}X`,
      "mkdir -p /usr/local/lib/systemd/system",
      ...["one", "two", "three"].map(unit),
      "rm -f /etc/sysctl.d/90-test.conf; echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind",
      "systemctl daemon-reload; systemctl reset-failed",
      "systemctl unmask two three 2>/dev/null; systemctl enable --now one; systemctl disable --now two three 2>/dev/null",
      "systemctl restart haproxy keepalived",
    ].join("\n"),
  );
});

afterEach(async () => {
  await lab.output(
    "lb1",
    "rm -f /var/lib/lbplay/journal/armed; systemctl stop lbplay-guard.service 2>/dev/null; rm -rf /var/lib/lbplay/journal /etc/systemd/system/one.service.d; true",
  );
});

describe("a node that goes back", () => {
  it("has its files, kernel settings and units as they were, and reloads what was reloaded", async () => {
    const before = await standing();
    const run = session();
    expect(await run.journal(ROOT).begin("a run")).toEqual({ continues: null });
    await well(
      act(
        run,
        write(CONFIG, haproxyOn(8002)),
        systemctl("reload", "haproxy"),
        script("mkdir -p /etc/systemd/system/one.service.d", {
          kind: "path",
          path: "/etc/systemd/system/one.service.d",
        }),
        write("/etc/systemd/system/one.service.d/x.conf", "[Service]\nEnvironment=A=1\n"),
        script("systemctl daemon-reload"),
        systemctl("restart", "one"),
        script("systemctl -q enable two", { kind: "unit", unit: "two", verb: "enable" }),
        systemctl("start", "two"),
        script("systemctl mask three 2>/dev/null", { kind: "unit", unit: "three", verb: "mask" }),
        write("/etc/sysctl.d/90-test.conf", "net.ipv4.ip_nonlocal_bind=1\n"),
        script("echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind", {
          kind: "sysctl",
          key: "net.ipv4.ip_nonlocal_bind",
        }),
        script("systemctl -q stop keepalived", { kind: "unit", unit: "keepalived", verb: "stop" }),
      ),
    );
    const between = await standing();
    expect(between).toMatchObject({ ports: "127.0.0.1:8002", nonlocal: "1", environment: "Environment=A=1" });
    expect(
      [between.two, between.three, between.keepalived].map((words) => words?.split(" ").slice(0, 2)),
    ).toEqual([
      ["active", "enabled"],
      ["inactive", "masked"],
      ["inactive", "enabled"],
    ]);
    const report = await run.journal(ROOT).restore();
    expect(report.failures).toEqual([]);
    expect(report.restored).toEqual(
      expect.arrayContaining([
        CONFIG,
        "net.ipv4.ip_nonlocal_bind",
        "unit files read again",
        "unit haproxy reloaded",
        "unit one restarted",
        "unit two stopped",
        "unit two at boot",
        "unit three at boot",
        "unit keepalived started",
      ]),
    );
    const after = await standing();
    const started = {
      one: expect.stringMatching(/^active enabled/),
      keepalived: expect.stringMatching(/^active/),
    };
    expect(after).toEqual({ ...before, ...started });
    expect(after.haproxy).toBe(before.haproxy);
    await run.journal(ROOT).end();
    expect(await lab.output("lb1", "ls -A /var/lib/lbplay")).toBe("");
  });

  it("has daemons on their old files where the run died beside its tasks", async () => {
    const before = await standing();
    const run = session();
    await run.journal(ROOT).begin("a run that dies");
    await well(act(run, write(CONFIG, haproxyOn(8003)), write("/etc/keepalived/keepalived.conf", "")));
    await lab.output("lb1", "systemctl reload haproxy; systemctl stop keepalived");
    await run.reset();
    const next = session();
    expect(await next.journal(ROOT).begin("the next run")).toEqual({ continues: "a run that dies" });
    expect((await next.journal(ROOT).restore()).failures).toEqual([]);
    expect(await standing()).toEqual({ ...before, keepalived: expect.stringMatching(/^active/) });
  });

  it("has no journal for a user who is not root", async () => {
    const run = session();
    expect(await run.journal(null).begin("a run")).toBeNull();
    expect(await lab.output("lb1", "ls -A /var/lib/lbplay 2>/dev/null; true")).toBe("");
  });
});

describe("a guard", () => {
  it("goes back by itself when the run is not heard of any more, and lets it do nothing then", async () => {
    const before = await standing();
    const gone = session();
    await gone.journal(ROOT).begin("a run that cuts its way");
    await gone.journal(ROOT).guard(4);
    await well(act(gone, write(CONFIG, haproxyOn(8004)), systemctl("reload", "haproxy")));
    expect((await standing()).ports).toBe("127.0.0.1:8004");
    await expect
      .poll(() => lab.exec("lb1", "cat /var/lib/lbplay/journal/report").then(({ stdout }) => stdout), {
        timeout: 60_000,
      })
      .toMatch(/^done$/m);
    expect(await standing()).toEqual(before);
    const late = await act(gone, write(CONFIG, haproxyOn(8005)));
    expect([late.unkept, late.outcomes[0]?.stderr.toString()]).toEqual([
      true,
      expect.stringContaining("went back to what it was by itself"),
    ]);
    await expect(gone.journal(ROOT).confirm()).rejects.toMatchObject({ code: "E_WENT_BACK" });
    expect((await gone.journal(ROOT).restore()).restored).toEqual(
      expect.arrayContaining([CONFIG, "unit haproxy reloaded"]),
    );
    expect(await standing()).toEqual(before);
  });

  it("waits while work is under way on the node, and is gone once the run has confirmed", async () => {
    const run = session();
    await run.journal(ROOT).begin("a run");
    await run.journal(ROOT).guard(3);
    await well(act(run, write(CONFIG, haproxyOn(8006)), script("sleep 8")));
    await run.journal(ROOT).confirm();
    await expect
      .poll(
        () => lab.exec("lb1", "systemctl is-active lbplay-guard.service").then(({ stdout }) => stdout.trim()),
        {
          timeout: 60_000,
        },
      )
      .toBe("inactive");
    expect(await lab.output("lb1", `grep bind ${CONFIG}; ls /var/lib/lbplay/journal`)).not.toContain("fired");
    expect(await lab.output("lb1", `grep bind ${CONFIG}`)).toContain("8006");
    await run.journal(ROOT).end();
  });

  it("does not keep the lock of a run that is gone", async () => {
    const gone = session();
    await gone.journal(ROOT).begin("a run");
    await gone.journal(ROOT).guard(600);
    await gone.reset();
    const next = session();
    await expect
      .poll(() => next.contact(ROOT).then(() => "locked", String), { timeout: 30_000 })
      .toBe("locked");
    await next.journal(ROOT).confirm();
    await next.journal(ROOT).end();
  });
});
