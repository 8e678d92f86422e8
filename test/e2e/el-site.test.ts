import { beforeAll, describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { failures, rolePlays } from "./role-run.ts";
import { RPM_PACKAGES } from "./rpm-node.ts";

// The pair's roles on a node that is a CentOS 7 by its files and its package manager: no apt-get, a dnf with a vault of
// RPMs that are built here. The programs in them are Debian's, so that what they are called is not what they say they
// are; what the real 1.5.18 and 1.3.5 accept is in the cases of test/unit/lb.

const NODE = "lb1";
const lab = withLab({
  name: "el-site",
  nodes: [NODE, "lb2"],
  packages: [...RPM_PACKAGES, "haproxy", "keepalived", "rsyslog", "logrotate", "openssl", "socat"],
});
const plays = rolePlays(lab);

const KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7";
const VAULT = "/srv/vault/7.9.2009";

/** A package of a daemon: its program and unit as Debian has them. */
const daemonSpec = (
  name: string,
  version: string,
  release: string,
  user: string | null,
): string => `Name: ${name}
Version: ${version}
Release: ${release}
Summary: ${name}
License: MIT
AutoReqProv: no
%description
${name}
%install
mkdir -p %{buildroot}/usr/sbin %{buildroot}/usr/lib/systemd/system %{buildroot}/etc/${name}
cp /srv/${name}/usr/sbin/${name} %{buildroot}/usr/sbin/
cp /srv/${name}/lib/systemd/system/${name}.service %{buildroot}/usr/lib/systemd/system/
${user === null ? "" : `%pre\ngetent passwd ${user} >/dev/null || useradd -r -d /var/lib/${user} -s /sbin/nologin ${user}; mkdir -p /var/lib/${user}`}
%files
/usr/sbin/${name}
/usr/lib/systemd/system/${name}.service
%dir /etc/${name}
`;

/** A package whose programs the node has from Debian. */
const emptySpec = (name: string, provides: string | null): string => `Name: ${name}
Version: 1
Release: 1.el7
Summary: ${name}
License: MIT
BuildArch: noarch
${provides === null ? "" : `Provides: ${provides}`}
%description
${name}
%files
`;

const SPECS: readonly string[] = [
  daemonSpec("haproxy", "1.5.18", "8.el7", "haproxy"),
  daemonSpec("haproxy", "1.5.18", "9.el7", "haproxy"),
  daemonSpec("keepalived", "1.3.5", "16.el7", null),
  daemonSpec("keepalived", "1.3.5", "19.el7", null),
  ...["ca-certificates", "curl", "openssl", "rsyslog", "logrotate", "socat"].map((name) =>
    emptySpec(name, null),
  ),
  emptySpec("procps-ng", "procps"),
  // Scriptlets need a shell, and rpm's database knows nothing of the one that dpkg brought.
  emptySpec("bash", "/bin/sh"),
];

const REPOSITORY = `[base]
name=CentOS-$releasever - Base
mirrorlist=http://127.0.0.1:9/?release=$releasever&arch=$basearch&repo=os
gpgcheck=1
gpgkey=file://${KEY}

[centosplus]
name=CentOS-$releasever - Plus
mirrorlist=http://127.0.0.1:9/?release=$releasever&arch=$basearch&repo=centosplus
enabled=0
`;

beforeAll(async () => {
  await lab.output(
    NODE,
    [
      "set -e",
      "exec 2>/srv/build.log",
      "cd /srv",
      ...["haproxy", "keepalived"].map(
        (name) =>
          `mkdir -p ${name}/usr/sbin ${name}/lib/systemd/system; cp /usr/sbin/${name} ${name}/usr/sbin/; cp /lib/systemd/system/${name}.service ${name}/lib/systemd/system/`,
      ),
      "systemctl disable -q --now haproxy keepalived; dpkg --purge haproxy keepalived",
      "rm -rf /etc/haproxy /etc/keepalived",
      "mkdir -p /etc/rpm /etc/yum.repos.d /var/lib/rpm /etc/pki/rpm-gpg /srv/spec /srv/gnupg",
      "printf '%s\\n' '%_dbpath /var/lib/rpm' '%__gpg /usr/bin/gpg' '%debug_package %{nil}' > /etc/rpm/macros",
      "rpm --initdb",
      "chmod 700 gnupg; export GNUPGHOME=/srv/gnupg",
      "gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'CentOS <centos@example.com>' rsa2048 sign never",
      `gpg --batch --export --armor centos@example.com > ${KEY}`,
      ...SPECS.map(
        (spec, index) =>
          `cat > spec/${index}.spec <<'SPEC'\n${spec}SPEC\nrpmbuild -bb --quiet --define '_topdir /srv/build' --define '_rpmdir /srv/rpms' spec/${index}.spec`,
      ),
      `mkdir -p ${VAULT}/os/$(uname -m) ${VAULT}/updates/$(uname -m) ${VAULT}/extras/$(uname -m) /srv/epel`,
      `cp rpms/*/*.rpm ${VAULT}/os/$(uname -m)/`,
      `rpmsign --define '_gpg_name centos@example.com' --addsign ${VAULT}/os/*/*.rpm >/dev/null`,
      `for r in ${VAULT}/*/*/ /srv/epel; do createrepo_c -q $r; done`,
      `cat > /etc/yum.repos.d/CentOS-Base.repo <<'REPO'\n${REPOSITORY}REPO`,
      "echo 'CentOS Linux release 7.9.2009 (Core)' > /etc/redhat-release",
      "printf '%s\\n' 'NAME=\"CentOS Linux\"' 'ID=\"centos\"' 'ID_LIKE=\"rhel fedora\"' 'VERSION_ID=\"7\"' > /etc/os-release",
      "mkdir -p /etc/sysconfig/network-scripts; echo HOSTNAME=lb1.example.com > /etc/sysconfig/network",
      // From here on dnf is the only package manager.
      "mv /usr/bin/apt-get /usr/bin/apt-get.away",
    ].join("\n"),
  );
});

const play = (vars: Readonly<Record<string, unknown>> = {}): string => `
- hosts: lb
  become: true
  vars: ${JSON.stringify({
    lb_vip: "{{ lab_vip }}",
    el_repositories_vault_url: "file:///srv/vault",
    el_repositories_epel_baseurl: "file:///srv/epel",
    el_repositories_epel_key: `file://${KEY}`,
    el_repositories_epel_fingerprints: {},
    firewall_enabled: false,
    haproxy_frontends: [
      {
        name: "answers",
        binds: [{ address: "{{ lb_vip }}", port: 80 }],
        http_request: ['return status 200 content-type text/plain string "el"'],
      },
    ],
    haproxy_package_version: "1.5.18-8.el7",
    keepalived_package_version: "1.3.5-16.el7",
    keepalived_startup_delay: 0,
    ...vars,
  })}
  roles: [el_repositories, el_network, base, sysctl, firewall, logging, tls, haproxy, keepalived]
`;

const NEWER = { haproxy_package_version: "1.5.18-9.el7", keepalived_package_version: "1.3.5-*" };
const page = (): Promise<string> => lab.output(NODE, `curl -fsS --max-time 5 http://${lab.vip()}/`);
const installed = async (): Promise<readonly string[]> =>
  (await lab.output(NODE, "rpm -q haproxy keepalived")).trim().split("\n");
const program = (service: string): Promise<string> =>
  lab.output(NODE, `readlink /proc/$(systemctl show -P MainPID ${service})/exe`);

describe("a node that is a CentOS 7 by its files", () => {
  it("gets repositories, pinned packages and a running pair's node", { timeout: 600_000 }, async () => {
    const changed = await plays.converge(play(), "--limit", NODE);
    expect(changed).toEqual(
      expect.arrayContaining([
        "lb1: el_repositories : Take CentOS's packages from its vault",
        "lb1: haproxy : Install HAProxy",
        "lb1: keepalived : Install keepalived",
      ]),
    );
    expect(await installed()).toEqual([
      expect.stringContaining("haproxy-1.5.18-8.el7"),
      expect.stringContaining("keepalived-1.3.5-16.el7"),
    ]);
    await expect.poll(page, { timeout: 60_000 }).toBe("el");
    expect(await lab.output(NODE, "grep 'stats socket' /etc/haproxy/haproxy.cfg")).toContain(
      "/var/lib/haproxy/stats",
    );
  });

  it("goes to a newer pin, and runs it", { timeout: 300_000 }, async () => {
    const changed = await plays.converge(play(NEWER), "--limit", NODE);
    expect(changed).toContain("lb1: haproxy : Install HAProxy");
    expect(changed).not.toContain("lb1: keepalived : Install keepalived");
    expect(await installed()).toContainEqual(expect.stringContaining("haproxy-1.5.18-9.el7"));
    expect(await program("haproxy")).toBe("/usr/sbin/haproxy\n");
    await expect.poll(page, { timeout: 60_000 }).toBe("el");
  });

  it("goes back only where that is allowed", { timeout: 300_000 }, async () => {
    const refused = await plays.run(play(), "--limit", NODE);
    expect(failures(refused).join("\n")).toContain(
      "1.5.18-9.el7 of haproxy is newer than haproxy-1.5.18-8.el7, and allow_downgrade is off",
    );
    expect(await installed()).toContainEqual(expect.stringContaining("haproxy-1.5.18-9.el7"));
    await plays.converge(play({ haproxy_allow_downgrade: true }), "--limit", NODE);
    expect(await installed()).toContainEqual(expect.stringContaining("haproxy-1.5.18-8.el7"));
    expect(await program("haproxy")).toBe("/usr/sbin/haproxy\n");
    await expect.poll(page, { timeout: 60_000 }).toBe("el");
  });
});
