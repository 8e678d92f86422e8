import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tutorialHaproxy, tutorialKeepalived } from "./hand-written-pair.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { start as begin, type Finished, lbplay, runEvents } from "./lbplay.ts";

const lab = withLab({
  name: "pair-commands",
  packages: [...SITE_PACKAGES, "socat", "psmisc"],
  measures: true,
});

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbplay-pair-"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A command for the pair of the lab. */
const pair = (...words: readonly string[]): Promise<Finished> =>
  lbplay([...words, "-i", lab.inventoryFile()]);

/** The parts of `status --output json` that tests ask for. */
interface Status {
  readonly healthy: boolean;
  readonly owner: string | null;
  readonly standby: string | null;
  readonly problems: readonly {
    readonly node: string | null;
    readonly kind: string;
    readonly message: string;
    readonly advice: string;
  }[];
}

const statusOf = async (): Promise<Status & { readonly code: number }> => {
  const { code, stdout, stderr } = await pair("status", "--output", "json");
  if (stdout === "") throw new Error(stderr);
  const { pairs } = JSON.parse(stdout) as { readonly pairs: readonly Status[] };
  const [first] = pairs;
  if (first === undefined) throw new Error(stdout);
  return { ...first, code };
};

const kindsOf = ({ problems }: Status): readonly string[] =>
  problems.map(({ node, kind }) => `${node ?? "pair"} ${kind}`);

/** Waits until the pair is well, and gives its owner and its standby. */
const mended = async (): Promise<{ readonly owner: string; readonly standby: string }> => {
  let last: Status | null = null;
  await expect
    .poll(
      async () => {
        last = await statusOf();
        return [last.healthy, ...kindsOf(last)];
      },
      { timeout: 60_000, interval: 500 },
    )
    .toEqual([true]);
  const { owner, standby } = last as unknown as Status;
  if (owner === null || standby === null) throw new Error("healthy without an owner or a standby");
  return { owner, standby };
};

/** Waits until a problem of a kind is told, and gives what status said of all. */
const told = async (wanted: string): Promise<Status & { readonly code: number }> => {
  let last: (Status & { readonly code: number }) | null = null;
  await expect
    .poll(
      async () => {
        last = await statusOf();
        return kindsOf(last);
      },
      { timeout: 60_000, interval: 500 },
    )
    .toContain(wanted);
  return last as unknown as Status & { readonly code: number };
};

describe("a pair that the roles made", { timeout: 600_000 }, () => {
  beforeAll(async () => {
    const made = await runEvents(["playbooks/site.yaml", "-i", "inventory/lab", "-i", lab.inventoryFile()]);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: "" });
  }, 600_000);

  beforeEach(async () => {
    await mended();
  }, 90_000);

  it("is healthy: exit code 0, one owner, nobody locked and nothing left behind", async () => {
    const before = await lab.output("lb1", "ls -A /tmp | grep keepalived; stat -c %Y /run/lbplay/lock");
    const plain = await pair("status");
    expect({ code: plain.code, stderr: plain.stderr }).toEqual({ code: 0, stderr: "" });
    expect(plain.stdout).toMatch(/^lb: healthy; lb[12] has \S+, lb[12] would take over\n/);
    expect(plain.stdout).toMatch(/lb[12] +\S+ +MASTER 25[34] /);
    expect(plain.stdout).toMatch(/lb[12] +- +BACKUP 25[34] +2\.\S+, .* loaded +2\/2 up +36\d d /);
    expect(await lab.output("lb1", "ls -A /tmp | grep keepalived; stat -c %Y /run/lbplay/lock")).toBe(before);
  });

  it("is watched until somebody has seen enough", async () => {
    const watch = begin(["status", "-i", lab.inventoryFile(), "--watch", "1", "--output", "json"]);
    await watch.said('"healthy": true');
    watch.signal("SIGINT");
    const { code, stdout } = await watch.done;
    expect([0, 130]).toContain(code);
    expect(stdout.split("\n").filter((line) => line.startsWith("{")).length).toBeGreaterThan(0);
  });

  it("hands over and back while a client counts, and the former owner is a standby again", async () => {
    const { owner, standby } = await mended();
    const moved = await pair("switchover", "--yes", "--back", "--output", "json", "--max-outage", "3s");
    const { moves, failure } = JSON.parse(moved.stdout) as {
      readonly failure: string | null;
      readonly moves: readonly {
        readonly from: string;
        readonly to: string;
        readonly rejoined: boolean;
        readonly client: {
          readonly requests: number;
          readonly failed: number;
          readonly longest_gap_ms: number;
        };
      }[];
    };
    expect({ code: moved.code, failure }, moved.stderr).toEqual({ code: 0, failure: null });
    expect(moves.map(({ from, to, rejoined }) => ({ from, to, rejoined }))).toEqual([
      { from: owner, to: standby, rejoined: true },
      { from: standby, to: owner, rejoined: true },
    ]);
    for (const { client } of moves) {
      console.info(`switchover: ${client.longest_gap_ms} ms, ${client.failed} of ${client.requests} failed`);
      expect(client.requests).toBeGreaterThan(50);
      expect(client.failed).toBeLessThan(client.requests / 4);
    }
    expect((await mended()).owner).toBe(owner);
  });

  it("is moved by a named node's client too, says how before it does, and holds the client to its budget", async () => {
    const { owner, standby } = await mended();
    const check = await pair("switchover", "--check");
    expect(check.stdout).toContain(
      `from ${owner} to ${standby}: /run/keepalived-drain on ${owner} says that it is out`,
    );
    expect(check.stdout).toContain("nothing was changed");
    expect((await mended()).owner).toBe(owner);
    const unanswered = await pair("switchover");
    expect({ code: unanswered.code, stderr: unanswered.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect((await mended()).owner).toBe(owner);
    const late = await pair("switchover", "--yes", "--probe-from", "client", "--max-outage", "1ms");
    expect(late.code).toBe(1);
    expect(late.stdout).toMatch(/a client asks http:\/\/\S+, 20 times a second from client/);
    expect(late.stdout).toMatch(
      /failed: there was no answer for \d+ ms, longer than the 1 ms that are allowed/,
    );
    expect((await mended()).owner).toBe(standby);
  });

  it("is not moved to a standby that is not fit, nor past another run's lock", async () => {
    const { owner, standby } = await mended();
    await lab.output(standby, "systemctl stop haproxy");
    const refused = await pair("switchover", "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(`nothing is moved: ${standby} is not fit to take over: `);
    expect(refused.stdout).toContain(`${standby} is not fit to take over: HAProxy does not run (inactive)`);
    const unhealthy = await told(`${standby} fault`);
    expect(unhealthy).toMatchObject({ code: 1, healthy: false, owner, standby: null });
    expect(kindsOf(unhealthy)).toContain(`${standby} haproxy-down`);
    await lab.output(standby, "systemctl start haproxy");
    expect((await mended()).owner).toBe(owner);
    await lab.output(
      owner,
      "setsid sh -c 'exec 9>>/run/lbplay/lock; flock 9; echo $$ >/run/holder; exec sleep 600' >/dev/null 2>&1 </dev/null &\nuntil [ -s /run/holder ]; do sleep 0.1; done",
    );
    const locked = await pair("switchover", "--yes");
    expect(locked.code).toBe(2);
    expect(locked.stderr).toContain(`${owner} is in use by another run`);
    await lab.output(owner, "kill $(cat /run/holder); rm /run/holder");
    expect((await mended()).owner).toBe(owner);
  });

  it("gives a node free for maintenance, and takes it back", async () => {
    const { owner, standby } = await mended();
    const on = await pair("maintenance", "on", owner, "--reason", "new memory", "--yes");
    expect({ code: on.code, stdout: on.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`${owner} is in maintenance`),
    });
    const out = await statusOf();
    expect(out).toMatchObject({ code: 1, owner: standby, standby: null });
    expect(out.problems.find(({ kind }) => kind === "maintenance")).toMatchObject({
      node: owner,
      message: expect.stringContaining("new memory"),
      advice: expect.stringContaining(`lbplay maintenance off ${owner}`),
    });
    const refused = await pair("switchover", "--yes");
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining("in maintenance since")]);
    expect((await pair("maintenance", "on", standby, "--yes")).code).toBe(1);
    const off = await pair("maintenance", "off", owner, "--yes");
    expect({ code: off.code, stdout: off.stdout }).toEqual({
      code: 0,
      stdout: `${owner} takes part again: VI_1 BACKUP\n`,
    });
    expect(await mended()).toEqual({ owner: standby, standby: owner });
  });

  it("takes a server out of rotation on both nodes, and back, and says so", async () => {
    const drained = await pair("maintenance", "drain", "app/web1");
    expect({ code: drained.code, stdout: drained.stdout }).toEqual({
      code: 0,
      stdout: "lb1: app/web1 is DRAIN, with 0 sessions\nlb2: app/web1 is DRAIN, with 0 sessions\n",
    });
    const seen = await statusOf();
    expect([seen.code, kindsOf(seen)]).toEqual([0, ["lb1 server-out", "lb2 server-out"]]);
    const pages = await lab.output(
      "client",
      `for n in 1 2 3 4 5 6; do curl -s http://${lab.vip()}/ | sha256sum; done | sort -u | wc -l`,
    );
    expect(pages.trim()).toBe("1");
    expect((await pair("maintenance", "maint", "app/web1")).stdout).toContain("lb2: app/web1 is MAINT");
    expect((await pair("maintenance", "ready", "app/web1")).code).toBe(0);
    const unknown = await pair("maintenance", "drain", "app/web9");
    expect([unknown.code, unknown.stdout]).toEqual([
      1,
      expect.stringContaining("there is no server app/web9; there are app/web1, app/web2"),
    ]);
  });

  it("is told what is wrong with HAProxy: a file newer than the daemon, a reload that failed, a server, a certificate", async () => {
    const { owner } = await mended();
    await lab.output(owner, "touch /etc/haproxy/haproxy.cfg");
    expect((await told(`${owner} config-newer`)).code).toBe(1);
    await lab.output(owner, "systemctl reload haproxy");
    await mended();

    // haproxy -c is content with a port that somebody else has; a worker cannot get it.
    await lab.output(
      owner,
      "cp -p /etc/haproxy/haproxy.cfg /root/saved.cfg; setsid socat TCP-LISTEN:9999,fork /dev/null >/dev/null 2>&1 </dev/null & echo $! >/run/listener\nprintf 'frontend taken\\n  mode http\\n  bind *:9999\\n  default_backend app\\n' >>/etc/haproxy/haproxy.cfg; haproxy -c -q -f /etc/haproxy/haproxy.cfg; systemctl reload haproxy; true",
    );
    const failed = await told(`${owner} reload-failed`);
    expect([failed.code, kindsOf(failed)]).toEqual([1, expect.arrayContaining([`${owner} config-newer`])]);
    await lab.output(
      owner,
      "kill $(cat /run/listener); cat /root/saved.cfg >/etc/haproxy/haproxy.cfg; systemctl reload haproxy",
    );
    await mended();

    await lab.output("web2", "systemctl stop nginx");
    const down = await told("lb1 server-down");
    expect(down.problems.find(({ kind }) => kind === "server-down")?.message).toMatch(
      /the server app\/web2 is DOWN \(L4/,
    );
    await lab.output("web2", "systemctl start nginx");

    await lab.output(
      owner,
      "cp -p /etc/haproxy/certs/site.pem /root/saved.pem; cd /root; openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=short.example -keyout key.pem -out crt.pem 2>/dev/null; cat crt.pem key.pem >/etc/haproxy/certs/site.pem; systemctl reload haproxy",
    );
    const short = await told(`${owner} certificate`);
    expect(short.problems.find(({ kind }) => kind === "certificate")?.message).toMatch(
      /\(CN=short\.example\) expires in [23] days/,
    );
    await lab.output(
      owner,
      "cat /root/saved.pem >/etc/haproxy/certs/site.pem; rm /root/*.pem; systemctl reload haproxy",
    );
    await mended();
  });

  it("is told of two owners, of a node that is off, and of one that hangs, without waiting for ever", async () => {
    const { standby } = await mended();
    // Another identity: it no longer hears the owner, and takes the address too.
    const identity = (from: number, to: number): string =>
      `sed -i 's/virtual_router_id ${from}/virtual_router_id ${to}/' /etc/keepalived/keepalived.conf; systemctl reload keepalived`;
    await lab.output(standby, identity(77, 78));
    const split = await told("pair split-brain");
    expect([split.code, split.owner]).toEqual([1, null]);
    const refused = await pair("switchover", "--yes");
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/is on lb1 and lb2/)]);
    await lab.output(standby, identity(78, 77));
    const again = await mended();
    await lab.kill(again.standby);
    const off = await statusOf();
    expect({ code: off.code, kinds: kindsOf(off), owner: off.owner }).toEqual({
      code: 3,
      kinds: [`${again.standby} unreachable`],
      owner: again.owner,
    });
    expect((await pair("switchover", "--yes")).code).toBe(3);
    await lab.start(again.standby);
    await mended();
    await lab.freeze(again.standby);
    const frozen = await pair("status", "-T", "3");
    expect([frozen.code, frozen.stdout]).toEqual([
      3,
      expect.stringMatching(new RegExp(`problem: ${again.standby}: not reached`)),
    ]);
    await lab.thaw(again.standby);
    await mended();
  });
});

describe("a pair that was written by hand, as tutorials have it", { timeout: 600_000 }, () => {
  let inventory = "";

  const hand = (...words: readonly string[]): Promise<Finished> =>
    lbplay([...words, "-i", lab.inventoryFile(), "-i", inventory]);

  beforeAll(async () => {
    inventory = join(directory, "edge.yaml");
    writeFileSync(inventory, "edge: { hosts: { lb1: {}, lb2: {} }, vars: { lbplay_pair: true } }\n");
    const haproxy = tutorialHaproxy(["web1", "web2"].map(lab.address));
    await Promise.all(
      ["lb1", "lb2"].map((node, index) =>
        lab.output(
          node,
          `systemctl stop keepalived haproxy; rm -f /etc/systemd/system/*/lbplay.conf /etc/keepalived/* /run/keepalived-drain; systemctl daemon-reload
cat >/etc/haproxy/haproxy.cfg <<'CFG'\n${haproxy}CFG\ncat >/etc/keepalived/keepalived.conf <<'CFG'\n${tutorialKeepalived(101 - index, lab.vip())}CFG
systemctl start haproxy keepalived`,
        ),
      ),
    );
  }, 120_000);

  const healthy = (owner: string): Promise<void> =>
    expect
      .poll(async () => (await hand("status")).stdout.split("\n")[0], { timeout: 60_000, interval: 500 })
      .toBe(`edge: healthy; ${owner} has ${lab.vip()}, ${owner === "lb1" ? "lb2" : "lb1"} would take over`);

  it("is seen as it is: priorities with their weights, its own socket, its own group", async () => {
    await healthy("lb1");
    const { code, stdout } = await hand("status", "edge");
    expect(code).toBe(0);
    expect(stdout).toMatch(/lb1 .* MASTER 103 /);
    expect(stdout).toMatch(/lb2 .* BACKUP 102 /);
    expect((await hand("maintenance", "drain", "servers/www1")).code).toBe(0);
    expect((await hand("maintenance", "ready", "servers/www1")).code).toBe(0);
  });

  it("is handed over by a stop of keepalived, and the first node stays out until it is let in again", async () => {
    await healthy("lb1");
    const there = await hand("switchover", "--yes");
    expect({ code: there.code, stderr: there.stderr }, there.stdout).toEqual({ code: 0, stderr: "" });
    expect(there.stdout).toContain(
      "keepalived is stopped on lb1, and says goodbye; nobody has it for about 602 ms",
    );
    expect(there.stdout).toContain(`lb2 has ${lab.vip()}`);
    expect(there.stdout).toContain("lb1 stays out, as it would take the addresses back at once");
    const { code, stdout } = await hand("status");
    expect(code).toBe(1);
    expect(stdout).toContain("problem: lb1: kept out since a switchover");
    const back = await hand("switchover", "--yes");
    expect({ code: back.code, stderr: back.stderr }, back.stdout).toEqual({ code: 0, stderr: "" });
    expect(back.stdout).toContain(`lb1 has ${lab.vip()}`);
    await healthy("lb1");
  });

  it("has a node in maintenance with its keepalived stopped", async () => {
    const on = await hand("maintenance", "on", "lb2", "--yes");
    expect({ code: on.code, stdout: on.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("its keepalived is stopped"),
    });
    expect((await hand("status")).stdout).toContain("problem: lb2: in maintenance since");
    expect((await hand("maintenance", "off", "lb2", "--yes")).code).toBe(0);
    await healthy("lb1");
  });
});
