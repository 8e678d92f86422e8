import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROBER_DEFAULTS } from "../../src/lab/prober.ts";
import { probeUntil } from "../../src/probe/loop.ts";
import { outageOf } from "../../src/probe/outage.ts";
import { lbplay, ROOT, recapOf, runEvents } from "./lbplay.ts";
import { withVagrantLxc } from "./vagrant-lxc.ts";

describe("machines that Vagrant made", () => {
  const machines = withVagrantLxc(["lb1", "lb2", "web1"]);
  const site = (): readonly string[] => [
    `${ROOT}playbooks/site.yaml`,
    "-i",
    join(machines.directory().path, "inventory/vagrant"),
  ];
  const vip = async (): Promise<string> =>
    /lab_vip: "(.*)"/.exec(
      await readFile(join(machines.directory().path, ".vagrant/lbplay/inventory.yaml"), "utf8"),
    )?.[1] ?? "";
  const owners = async (): Promise<readonly string[]> => {
    const address = await vip();
    const asked = await Promise.all(
      ["lb1", "lb2"].map(async (node) => {
        const { stdout } = await machines.ssh(node, `ip -o address show to ${address}`);
        return stdout === "" ? [] : [node];
      }),
    );
    return asked.flat();
  };

  it("become an inventory, without those that do not run", async () => {
    const { path, env } = machines.directory();
    const { code, stdout, stderr } = await lbplay(["lab", "inventory", "--vagrant"], { cwd: path, env });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${path}/.vagrant/lbplay/inventory.yaml\n`,
      stderr: expect.stringMatching(
        /^lb1 {5}10\.\S+\.11\nlb2 {5}10\.\S+\.12\nweb1 {4}10\.\S+\.21\nvirtual IP: 10\.\S+\.10\nleft out, as they do not run: web2\ninventory\/vagrant has these hosts now\n$/,
      ),
    });
  });

  it("are refused when another machine answers in their place", async () => {
    const known = join(machines.directory().path, ".vagrant/lbplay/known_hosts");
    const right = await readFile(known, "utf8");
    await writeFile(known, right.replaceAll(/\.11 /g, ".0 ").replaceAll(/\.12 /g, ".11 "));
    const { code, stdout, stderr } = await lbplay(["run", ...site(), "--limit", "lb1", "--check"]);
    expect(code).toBe(3);
    expect(stdout + stderr).toContain("host key");
    await writeFile(known, right);
  });

  it("become the site, and a second run changes nothing", async () => {
    const first = await runEvents(site());
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    const second = await runEvents(site());
    expect(second.code).toBe(0);
    for (const counts of Object.values(recapOf(second.events).hosts))
      expect(counts).toMatchObject({ changed: 0, failed: 0 });
  });

  it("serve through the other one when HAProxy stops on the owner", async () => {
    const host = await vip();
    await expect.poll(owners, { timeout: 60_000 }).toHaveLength(1);
    const [owner = ""] = await owners();
    const other = owner === "lb1" ? "lb2" : "lb1";
    const answer = (): Promise<string> =>
      fetch(`http://${host}/`).then(
        async (response) => `${response.headers.get("x-served-by")}: ${await response.text()}`,
        () => "",
      );
    await expect.poll(answer, { timeout: 30_000 }).toMatch(new RegExp(`^${owner}: [^]*served by web1`));

    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const counting = probeUntil({ ...PROBER_DEFAULTS, host, everyMs: 10 }, stopped);
    try {
      expect(await machines.ssh(owner, "sudo systemctl stop haproxy")).toMatchObject({ code: 0 });
      await expect.poll(answer, { timeout: 30_000 }).toMatch(new RegExp(`^${other}: `));
      await expect.poll(owners, { timeout: 30_000 }).toEqual([other]);
    } finally {
      stop();
    }
    const samples = await counting;
    const outage = outageOf(samples);
    console.info(
      `HAProxy stopped: ${Math.round(outage.longestGapMs)} ms, ${outage.failed} of ${outage.requests} failed`,
    );
    expect(samples.at(0)).toMatchObject({ status: 200, server: owner });
    expect(samples.at(-1)).toMatchObject({ status: 200, server: other });
    expect(outage.longestGapMs).toBeLessThan(5_000);
  });

  it("are gone after vagrant destroy, with all that they had on this host", async () => {
    expect(await machines.traces()).not.toEqual([]);
    await machines.directory().done("destroy", "-f");
    await expect.poll(machines.traces, { timeout: 30_000 }).toEqual([]);
  });
});
