import { beforeAll, describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { failures, mostTrips, rolePlays } from "./role-run.ts";

// Pinned packages of Debian. Each version is the distribution's own package with another number.

const NODE = "lb1";
const lab = withLab({ name: "install-package", nodes: [NODE, "lb2"] });
const plays = rolePlays(lab);

const OLD = { haproxy_package_version: "2.6.1-1", keepalived_package_version: "1:2.2.1-1" };
const NEW = { haproxy_package_version: "2.6.2-*", keepalived_package_version: "1:2.2.2-1" };

beforeAll(async () => {
  const repack = (name: string, version: string): string =>
    `sed -i 's/^Version: .*/Version: ${version}/' /srv/${name}/DEBIAN/control; dpkg-deb -b -Zgzip /srv/${name} /srv/debs >/dev/null`;
  await lab.output(
    NODE,
    [
      "set -e",
      "apt-get update -q >/dev/null",
      "mkdir -p /srv/debs && cd /srv && apt-get download -q haproxy keepalived >/dev/null",
      "dpkg-deb -R haproxy_*.deb haproxy && dpkg-deb -R keepalived_*.deb keepalived",
      repack("haproxy", "2.6.1-1"),
      repack("haproxy", "2.6.2-1"),
      repack("keepalived", "1:2.2.1-1"),
      repack("keepalived", "1:2.2.2-1"),
      "cd debs && for f in *.deb; do dpkg-deb -f $f; printf 'Filename: %s\\nSize: %s\\nSHA256: %s\\n\\n' ./$f $(stat -c %s $f) $(sha256sum <$f | cut -d\" \" -f1); done > Packages",
      "echo 'deb [trusted=yes] file:/srv/debs ./' > /etc/apt/sources.list.d/debs.list",
      "apt-get update -q >/dev/null",
    ].join("\n"),
  );
});

const play = (vars: Readonly<Record<string, unknown>>): string => `
- hosts: lb
  become: true
  vars: ${JSON.stringify({
    lb_vip: "{{ lab_vip }}",
    haproxy_frontends: [
      {
        name: "answers",
        binds: [{ address: "{{ lb_vip }}", port: 80 }],
        http_request: ['return status 200 content-type text/plain string "pinned"'],
      },
    ],
    keepalived_startup_delay: 0,
    ...vars,
  })}
  roles: [sysctl, haproxy, keepalived]
`;

const installed = (): Promise<string> =>
  lab.output(NODE, "dpkg-query -W -f '${Package} ${Version}\\n' haproxy keepalived");
const pid = (service: string): Promise<string> => lab.output(NODE, `systemctl show -P MainPID ${service}`);
/** A program that was replaced under a running process is shown as deleted. */
const programs = (): Promise<string> =>
  lab.output(
    NODE,
    "for s in haproxy keepalived; do readlink /proc/$(systemctl show -P MainPID $s)/exe; done",
  );
const serves = async (): Promise<void> => {
  await expect
    .poll(async () => (await lab.exec(NODE, `curl -fsS --max-time 5 http://${lab.vip()}/`)).stdout, {
      timeout: 60_000,
    })
    .toBe("pinned");
};

describe("pinned packages", () => {
  it("are installed on a bare node although there are newer ones", { timeout: 600_000 }, async () => {
    await plays.converge(play(OLD), "--limit", NODE);
    expect(await installed()).toBe("haproxy 2.6.1-1\nkeepalived 1:2.2.1-1\n");
    await serves();
    expect(mostTrips(await plays.run(play(OLD), "--limit", NODE))).toBeLessThanOrEqual(2);
  });

  it("go to another number, and what runs is what is installed", { timeout: 300_000 }, async () => {
    const before = { haproxy: await pid("haproxy"), keepalived: await pid("keepalived") };
    await plays.converge(play(NEW), "--limit", NODE);
    expect(await installed()).toBe("haproxy 2.6.2-1\nkeepalived 1:2.2.2-1\n");
    expect(await programs()).toBe("/usr/sbin/haproxy\n/usr/sbin/keepalived\n");
    // HAProxy's master goes on with the new program, keepalived has to be another process.
    expect(await pid("haproxy")).toBe(before.haproxy);
    expect(await pid("keepalived")).not.toBe(before.keepalived);
    await serves();
  });

  it("go back only where that is allowed", { timeout: 300_000 }, async () => {
    const refused = await plays.run(play(OLD), "--limit", NODE);
    expect(failures(refused).join("\n")).toContain(
      "haproxy 2.6.2-1 is newer than 2.6.1-1, and allow_downgrade is off",
    );
    expect(await installed()).toBe("haproxy 2.6.2-1\nkeepalived 1:2.2.2-1\n");
    const allowed = { ...OLD, haproxy_allow_downgrade: true, keepalived_allow_downgrade: true };
    await plays.converge(play(allowed), "--limit", NODE);
    expect(await installed()).toBe("haproxy 2.6.1-1\nkeepalived 1:2.2.1-1\n");
    expect(await programs()).toBe("/usr/sbin/haproxy\n/usr/sbin/keepalived\n");
    await serves();
  });
});

describe("haproxy_install and keepalived_install: none", () => {
  it("configure what is there, and neither install nor remove", { timeout: 300_000 }, async () => {
    const none = { haproxy_install: "none", keepalived_install: "none" };
    expect(failures(await plays.run(play(none), "--limit", NODE))).toEqual([]);
    expect(await installed()).toBe("haproxy 2.6.1-1\nkeepalived 1:2.2.1-1\n");
    const bare = await plays.run(play(none), "--limit", "lb2");
    expect(failures(bare).join("\n")).toContain("haproxy is not installed");
  });
});
