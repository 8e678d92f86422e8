import { expect, test } from "vitest";
import { distributionFacts } from "../../../../src/tasks/setup/platform.ts";

const DEBIAN_12 = new Map([
  [
    "/etc/os-release",
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
  ],
  ["/etc/debian_version", "12.11\n"],
  ["/proc/1/comm", "systemd\n"],
  ["exists", "/run/systemd/system\n/etc/init.d\n/usr/bin/apt-get\n"],
]);

const UBUNTU_2204 = new Map([
  [
    "/etc/os-release",
    'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=jammy\n',
  ],
  ["/etc/debian_version", "bookworm/sid\n"],
  [
    "/etc/lsb-release",
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.4 LTS"\n',
  ],
  ["/proc/1/comm", "systemd\n"],
  ["exists", "/run/systemd/system\n/etc/init.d\n/usr/bin/apt-get\n/usr/bin/lsb_release\n"],
]);

const CENTOS_7 = new Map([
  [
    "/etc/os-release",
    'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\n',
  ],
  ["/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n"],
  ["/proc/1/comm", "systemd\n"],
  ["exists", "/run/systemd/system\n/etc/init.d\n/usr/bin/yum\n"],
]);

const ROCKY_9 = new Map([
  [
    "/etc/os-release",
    'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n',
  ],
  ["/etc/redhat-release", "Rocky Linux release 9.3 (Blue Onyx)\n"],
  ["/proc/1/comm", "init\n"],
  ["exists", "/run/systemd/system\n/usr/bin/dnf\n/usr/bin/dnf-3\n/usr/bin/yum\n"],
]);

test("Debian's point release comes from its own file.", () => {
  expect(distributionFacts(DEBIAN_12)).toEqual({
    distribution: "Debian",
    distribution_version: "12.11",
    distribution_major_version: "12",
    distribution_minor_version: "11",
    distribution_release: "bookworm",
    distribution_file_path: "/etc/os-release",
    distribution_file_variety: "Debian",
    distribution_file_parsed: true,
    os_family: "Debian",
    lsb: new Map(),
    pkg_mgr: "apt",
    service_mgr: "systemd",
  });
});

test("Ubuntu is a Debian with a version of its own.", () => {
  expect(distributionFacts(UBUNTU_2204)).toEqual({
    distribution: "Ubuntu",
    distribution_version: "22.04",
    distribution_major_version: "22",
    distribution_minor_version: "04",
    distribution_release: "jammy",
    distribution_file_path: "/etc/os-release",
    distribution_file_variety: "Debian",
    distribution_file_parsed: true,
    os_family: "Debian",
    lsb: new Map([
      ["id", "Ubuntu"],
      ["description", "Ubuntu 22.04.4 LTS"],
      ["release", "22.04"],
      ["codename", "jammy"],
      ["major_release", "22"],
    ]),
    pkg_mgr: "apt",
    service_mgr: "systemd",
  });
});

test("CentOS 7 tells its minor version and code name only in redhat-release.", () => {
  expect(distributionFacts(CENTOS_7)).toEqual({
    distribution: "CentOS",
    distribution_version: "7.9",
    distribution_major_version: "7",
    distribution_minor_version: "9",
    distribution_release: "Core",
    distribution_file_path: "/etc/redhat-release",
    distribution_file_variety: "RedHat",
    distribution_file_parsed: true,
    os_family: "RedHat",
    lsb: new Map(),
    pkg_mgr: "yum",
    service_mgr: "systemd",
  });
});

test("Rocky 9 uses dnf though yum is there too, and an init by that name is told by what runs.", () => {
  expect(distributionFacts(ROCKY_9)).toEqual({
    distribution: "Rocky",
    distribution_version: "9.3",
    distribution_major_version: "9",
    distribution_minor_version: "3",
    distribution_release: "Blue Onyx",
    distribution_file_path: "/etc/redhat-release",
    distribution_file_variety: "RedHat",
    distribution_file_parsed: true,
    os_family: "RedHat",
    lsb: new Map(),
    pkg_mgr: "dnf",
    service_mgr: "systemd",
  });
});
