import { lstat, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROBER_DEFAULTS } from "../../src/lab/prober.ts";
import { probeUntil } from "../../src/probe/loop.ts";
import { outageOf } from "../../src/probe/outage.ts";
import { type Finished, lbplay, ROOT, recapOf, runEvents } from "./lbplay.ts";
import { withVagrantLxc } from "./vagrant-lxc.ts";

/** A machine that is switched off takes some seconds to come back, and so does one that starts. */
const LONG = { timeout: 60_000 };

describe("a lab of Vagrant's machines", () => {
  const machines = withVagrantLxc();
  const lab = (...words: readonly string[]): Promise<Finished> => {
    const { path, env } = machines.directory();
    return lbplay(["lab", "--provider", "vagrant", ...words], { cwd: path, env });
  };
  const done = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab(...words);
    expect({ code, words, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, words, stderr: "" });
    return stdout;
  };
  const site = (): readonly string[] => [
    `${ROOT}playbooks/site.yaml`,
    "-i",
    join(machines.directory().path, "inventory/vagrant"),
  ];
  const vip = async (): Promise<string> =>
    /lab_vip: "(.*)"/.exec(
      await readFile(join(machines.directory().path, ".vagrant/lbplay/inventory.yaml"), "utf8"),
    )?.[1] ?? "";
  const holds = async (node: string): Promise<boolean> =>
    (await machines.ssh(node, `ip -o address show to ${await vip()}`)).stdout !== "";
  const owners = async (): Promise<readonly string[]> => {
    const asked = await Promise.all(["lb1", "lb2"].map(async (node) => ((await holds(node)) ? [node] : [])));
    return asked.flat();
  };
  const roles = async (): Promise<{ readonly owner: string; readonly other: string }> => {
    await expect.poll(owners, LONG).toHaveLength(1);
    const [owner = ""] = await owners();
    return { owner, other: owner === "lb1" ? "lb2" : "lb1" };
  };
  const answer = async (): Promise<string> =>
    fetch(`http://${await vip()}/`, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => `${response.headers.get("x-served-by")}: ${await response.text()}`,
      () => "",
    );

  /** Breaks the owner while a client counts, until the other one serves; mends it, and waits until one has the address. */
  const failover = async (
    what: string,
    broken: (owner: string) => Promise<unknown>,
    mended: (owner: string) => Promise<unknown>,
  ): Promise<void> => {
    const host = await vip();
    const { owner, other } = await roles();
    await expect.poll(answer, LONG).toMatch(new RegExp(`^${owner}: [^]*served by web1`));
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const counting = probeUntil({ ...PROBER_DEFAULTS, host, everyMs: 10 }, stopped);
    try {
      await broken(owner);
      await expect.poll(answer, LONG).toMatch(new RegExp(`^${other}: `));
      await expect.poll(() => holds(other), LONG).toBe(true);
    } finally {
      stop();
    }
    const samples = await counting;
    await mended(owner);
    await roles();
    const outage = outageOf(samples);
    console.info(
      `${what}: ${Math.round(outage.longestGapMs)} ms, ${outage.failed} of ${outage.requests} failed`,
    );
    expect(samples.at(0)).toMatchObject({ status: 200, server: owner });
    expect(samples.at(-1)).toMatchObject({ status: 200, server: other });
    expect(outage.longestGapMs).toBeLessThan(15_000);
  };

  it("comes up with its inventory, and once more as it was", async () => {
    const { path } = machines.directory();
    const up = ["up", "--nodes", "lb1,lb2,web1,client"];
    const rest = String.raw`
  lb1 +lb +10\.\S+\.11 +running +cable plugged
  lb2 +lb +10\.\S+\.12 +running +cable plugged
  web1 +web +10\.\S+\.21 +running +cable plugged
  web2 +web +not created
  client +client +10\.\S+\.31 +running +cable plugged
inventory: inventory/vagrant, which links to ${path}/.vagrant/lbplay/inventory.yaml
$`;
    const title = `^the lab of ${path}/Vagrantfile is up`;
    expect(await done(...up)).toMatch(new RegExp(String.raw`${title} \(\d+\.\d s\)${rest}`));
    expect(await done(...up)).toMatch(new RegExp(String.raw`${title} \(as it was\)${rest}`));
    expect(await lab("inventory")).toEqual({
      code: 0,
      stdout: `${path}/.vagrant/lbplay/inventory.yaml\n`,
      stderr: expect.stringMatching(
        /^lb1 {5}10\.\S+\.11\nlb2 {5}10\.\S+\.12\nweb1 {4}10\.\S+\.21\nclient {2}10\.\S+\.31\nvirtual IP: 10\.\S+\.10\nleft out, as they do not run: web2\ninventory\/vagrant has these hosts now\n$/,
      ),
    });
    expect(await done("ssh", "client", "echo", "$HOME")).toBe("$HOME\n");
    expect(await done("ssh", "client", "--", 'echo "$(id -un)" in $HOME')).toBe("root in /root\n");
  });

  it("refuses what it does not have, and a machine that was not made", async () => {
    const path = `${machines.directory().path}/Vagrantfile`;
    expect(await lab("freeze", "lb3")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${path} has no machine lb3`),
    });
    expect(await lab("freeze", "web2")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("web2 is not created"),
    });
    expect(await lab("up", "--packages", "jq")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Vagrant's machines have the packages of their box"),
    });
  });

  it("is refused when another machine answers in a machine's place", async () => {
    const known = join(machines.directory().path, ".vagrant/lbplay/known_hosts");
    const right = await readFile(known, "utf8");
    await writeFile(known, right.replaceAll(/\.11 /g, ".0 ").replaceAll(/\.12 /g, ".11 "));
    const { code, stdout, stderr } = await lbplay(["run", ...site(), "--limit", "lb1", "--check"]);
    expect(code).toBe(3);
    expect(stdout + stderr).toContain("host key");
    await writeFile(known, right);
  });

  it("becomes the site, and a second run changes nothing", async () => {
    const first = await runEvents(site());
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    const second = await runEvents(site());
    expect(second.code).toBe(0);
    for (const counts of Object.values(recapOf(second.events).hosts))
      expect(counts).toMatchObject({ changed: 0, failed: 0 });
    const ask = `exec 3<>/dev/tcp/${await vip()}/80 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
    expect(await done("ssh", "client", "bash", "-c", ask)).toContain("served by web1");
  });

  it("serves through the other one when HAProxy stops on the owner", async () => {
    await failover(
      "HAProxy stopped",
      (owner) => done("ssh", owner, "systemctl stop haproxy"),
      (owner) => done("ssh", owner, "systemctl start haproxy"),
    );
  });

  it("serves through the other one when the owner's cable is pulled, and has one owner once it is back", async () => {
    await failover(
      "cable pulled",
      (owner) => done("unplug", owner),
      async (owner) => {
        expect(await done("status")).toMatch(new RegExp(`^ {2}${owner} .* running +cable pulled$`, "m"));
        expect(await done("plug", owner)).toBe(`${owner} has its cable back\n`);
      },
    );
  });

  it("serves through the other one when the owner stands still, and has one owner when it goes on", async () => {
    await failover(
      "frozen",
      (owner) => done("freeze", owner),
      async (owner) => {
        expect(await done("status")).toMatch(new RegExp(`^ {2}${owner} .* frozen +cable plugged$`, "m"));
        expect(await done("thaw", owner)).toBe(`${owner} goes on\n`);
      },
    );
  });

  it("serves through the other one when the owner's power is cut, and has it back once it is on", async () => {
    await failover(
      "power cut",
      (owner) => done("kill", owner),
      async (owner) => {
        expect(await done("status")).toMatch(new RegExp(`^ {2}${owner} .* off$`, "m"));
        expect(await lab("unplug", owner)).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(
            new RegExp(`${owner} is off[^]*lab start ${owner} --provider vagrant`),
          ),
        });
        expect(await done("start", owner)).toBe(`${owner} is on\n`);
      },
    );
  });

  it("is mended by up", async () => {
    await done("freeze", "lb1");
    await done("unplug", "lb2");
    expect(await done("up", "--nodes", "lb1,lb2,web1,client")).toMatch(
      /is up \(\d+\.\d s\)\n {2}lb1 .* running +cable plugged\n {2}lb2 .* running +cable plugged\n/,
    );
  });

  it("goes down with all that it had on this host", async () => {
    expect(await machines.traces()).not.toEqual([]);
    const { path } = machines.directory();
    await done("freeze", "lb1");
    expect(await done("down")).toBe(`the lab of ${path}/Vagrantfile is gone\n`);
    await expect.poll(machines.traces, { timeout: 30_000 }).toEqual([]);
    await expect(lstat(join(path, "inventory/vagrant/hosts.yaml"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(lstat(join(path, ".vagrant/lbplay"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await done("down")).toBe(`there was nothing of the lab of ${path}/Vagrantfile\n`);
  });
});
