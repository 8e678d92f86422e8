import { beforeAll, describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { changedTasks } from "./lbplay.ts";
import { failures, mostTrips, rolePlays } from "./role-run.ts";
import { sourceArchives } from "./source-archives.ts";

// The roles haproxy and keepalived with programs that they had built. The second version of each is the first one with
// another number in its source: what counts is that another program takes over.

const lab = withLab({ name: "install-source", nodes: ["lb1", "lb2"] });
const plays = rolePlays(lab);

interface Versions {
  readonly haproxy: string;
  readonly keepalived: string;
}

let first: Versions;
let second: Versions;

/** The number after this one. */
const next = (version: string): string => version.replace(/\d+$/, (last) => String(Number(last) + 1));

const tree = (name: keyof Versions, { [name]: version }: Versions): string => `/usr/src/${name}-${version}`;

beforeAll(async () => {
  const archives = await sourceArchives(lab, "lb1");
  const haproxy = await archives.of("haproxy");
  const keepalived = await archives.of("keepalived");
  first = { haproxy: haproxy.version, keepalived: keepalived.version };
  second = { haproxy: next(haproxy.version), keepalived: next(keepalived.version) };
  const unpack = (url: string, into: string): string =>
    `mkdir -p ${into} && curl -fsS -x ${archives.proxy} ${url} | tar -xz --strip-components=1 -C ${into}`;
  await lab.output(
    "lb1",
    [
      "set -e",
      unpack(haproxy.url, tree("haproxy", first)),
      unpack(keepalived.url, tree("keepalived", first)),
      `cp -a ${tree("haproxy", first)} ${tree("haproxy", second)}`,
      `echo ${second.haproxy} > ${tree("haproxy", second)}/VERSION`,
      `cp -a ${tree("keepalived", first)} ${tree("keepalived", second)}`,
      `sed -i 's/${first.keepalived.replaceAll(".", "\\.")}/${second.keepalived}/g' ${tree("keepalived", second)}/configure`,
    ].join("\n"),
  );
});

const BUILT = (versions: Versions): Readonly<Record<string, unknown>> => ({
  haproxy_install: "source",
  haproxy_source_version: versions.haproxy,
  haproxy_source_tree: tree("haproxy", versions),
  // Not optimized, and small: what is tested is what is done with it, not how fast it runs.
  haproxy_source_make_arguments: ["CPU_CFLAGS=-O0", "DEBUG_CFLAGS="],
  haproxy_source_features: { openssl: true, pcre2: false, zlib: false, systemd: true },
  keepalived_install: "source",
  keepalived_source_version: versions.keepalived,
  keepalived_source_tree: tree("keepalived", versions),
  keepalived_source_configure_arguments: ["CFLAGS=-O0"],
});

/** A pair of which only one node is looked at. */
const play = (vars: Readonly<Record<string, unknown>>): string => `
- hosts: lb
  become: true
  vars: ${JSON.stringify({
    lb_vip: "{{ lab_vip }}",
    haproxy_frontends: [
      {
        name: "answers",
        binds: [{ address: "{{ lb_vip }}", port: 80 }],
        http_request: ['return status 200 content-type text/plain string "built here"'],
      },
    ],
    keepalived_startup_delay: 0,
    ...vars,
  })}
  roles: [sysctl, haproxy, keepalived]
`;

const page = (): Promise<string> => lab.output("lb1", `curl -fsS --max-time 5 http://${lab.vip()}/`);
const pid = async (service: string): Promise<string> =>
  (await lab.output("lb1", `systemctl show -P MainPID ${service}`)).trim();
const program = async (service: string): Promise<string> =>
  (await lab.output("lb1", `readlink /proc/${await pid(service)}/exe`)).trim();
const programs = async (): Promise<Versions> => ({
  haproxy: await program("haproxy"),
  keepalived: await program("keepalived"),
});
const built = ({ haproxy, keepalived }: Versions): Versions => ({
  haproxy: `/opt/haproxy/${haproxy}/sbin/haproxy`,
  keepalived: `/opt/keepalived/${keepalived}/sbin/keepalived`,
});
const ownsAddress = async (): Promise<void> => {
  await expect
    .poll(() => lab.output("lb1", `ip -o addr show to ${lab.vip()}`), { timeout: 60_000 })
    .not.toBe("");
};

describe("a bare node with haproxy_install and keepalived_install: source", () => {
  it("serves with the roles' configuration, and is left alone then", { timeout: 1_200_000 }, async () => {
    const changed = await plays.converge(play(BUILT(first)), "--limit", "lb1");
    expect(changed).toEqual(
      expect.arrayContaining(["lb1: source_build : Build haproxy", "lb1: source_build : Build keepalived"]),
    );
    expect(await programs()).toEqual(built(first));
    expect((await lab.exec("lb1", "dpkg -l haproxy keepalived")).stdout).not.toMatch(/^ii/m);
    expect(await lab.output("lb1", "head -n1 /etc/keepalived/keepalived.conf")).toContain(
      `for keepalived ${first.keepalived};`,
    );
    await ownsAddress();
    expect(await page()).toBe("built here");
    // Whether there is something to build is asked in a trip of its own, for each of the two.
    expect(mostTrips(await plays.run(play(BUILT(first)), "--limit", "lb1"))).toBeLessThanOrEqual(5);
  });

  it("gives the address away when the built HAProxy is down, and takes it again", async () => {
    expect(await lab.output("lb1", "systemctl stop haproxy; cat /run/haproxy-health")).toBe("1\n");
    await expect
      .poll(() => lab.output("lb1", `ip -o addr show to ${lab.vip()}`), { timeout: 60_000 })
      .toBe("");
    expect(await lab.output("lb1", "systemctl start haproxy; cat /run/haproxy-health")).toBe("0\n");
    await ownsAddress();
  });
});

describe("another number", () => {
  it("that cannot be configured leaves what runs as it was", { timeout: 600_000 }, async () => {
    const before = await pid("haproxy");
    const refused = await plays.run(
      play({ ...BUILT(second), haproxy_defaults: { raw: ["option nonsense"] } }),
      "--limit",
      "lb1",
    );
    expect(refused.code).toBe(1);
    expect(failures(refused).join("\n")).toContain("nonsense");
    expect(await lab.output("lb1", "readlink /usr/local/sbin/haproxy")).toBe(`${built(first).haproxy}\n`);
    expect(await programs()).toEqual(built(first));
    expect(await pid("haproxy")).toBe(before);
    expect(await lab.output("lb1", "grep -c nonsense /etc/haproxy/haproxy.cfg; true")).toBe("0\n");
  });

  it("is built beside the old one and takes over by a reload", { timeout: 600_000 }, async () => {
    const before = await pid("haproxy");
    const changed = await plays.converge(play(BUILT(second)), "--limit", "lb1");
    expect(changed).toContain("lb1: source_build : Build keepalived");
    expect(await programs()).toEqual(built(second));
    expect(await pid("haproxy")).toBe(before);
    expect(await lab.output("lb1", "head -n1 /etc/keepalived/keepalived.conf")).toContain(
      `for keepalived ${second.keepalived};`,
    );
    await ownsAddress();
    expect(await page()).toBe("built here");
  });

  it("that was there before is gone back to without a build", { timeout: 300_000 }, async () => {
    const before = await pid("haproxy");
    const changed = await plays.converge(play(BUILT(first)), "--limit", "lb1");
    expect(changed.filter((task) => task.includes("Build"))).toEqual([]);
    expect(await programs()).toEqual(built(first));
    expect(await pid("haproxy")).toBe(before);
    await ownsAddress();
    expect(await page()).toBe("built here");
  });
});

describe("a package in the place of a build", () => {
  it("runs, and the build's unit and link are gone", { timeout: 600_000 }, async () => {
    const changed = await plays.converge(play({}), "--limit", "lb1");
    expect(changed).toContain("lb1: haproxy : Let the package's HAProxy take its place");
    expect(await programs()).toEqual({ haproxy: "/usr/sbin/haproxy", keepalived: "/usr/sbin/keepalived" });
    const units = await lab.output("lb1", "systemctl show -P FragmentPath,UnitFileState haproxy keepalived");
    expect(units.split("\n").filter((line) => line !== "")).toEqual([
      expect.stringMatching(/\/lib\/systemd\/system\/haproxy\.service$/),
      "enabled",
      expect.stringMatching(/\/lib\/systemd\/system\/keepalived\.service$/),
      "enabled",
    ]);
    await ownsAddress();
    expect(await page()).toBe("built here");
  });

  it("gives way to a build again", { timeout: 300_000 }, async () => {
    const back = await plays.run(play(BUILT(first)), "--limit", "lb1");
    expect(failures(back)).toEqual([]);
    expect(await programs()).toEqual(built(first));
    expect(changedTasks((await plays.run(play(BUILT(first)), "--limit", "lb1")).events)).toEqual([]);
    await ownsAddress();
    expect(await page()).toBe("built here");
  });
});
