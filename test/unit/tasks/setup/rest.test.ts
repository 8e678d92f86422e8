import { describe, expect, test } from "vitest";
import { toJson, type Value } from "../../../../src/core/value.ts";
import { localFacts } from "../../../../src/tasks/setup/local.ts";
import { platformFacts } from "../../../../src/tasks/setup/platform.ts";
import { sessionFacts } from "../../../../src/tasks/setup/session.ts";
import { virtualFacts } from "../../../../src/tasks/setup/virtual.ts";

const plain = (facts: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, toJson(value)]));

describe("names", () => {
  test("The domain is what follows the first dot of the full name.", () => {
    const facts = plain(
      platformFacts(
        new Map([
          ["/proc/sys/kernel/hostname", "lb1\n"],
          ["/proc/sys/kernel/ostype", "Linux\n"],
          ["/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"],
          ["/proc/sys/kernel/version", "#1 SMP\n"],
          ["machine", "x86_64\n"],
          ["fqdn", "lb1.lab.example\n"],
        ]),
      ),
    );
    expect(facts).toEqual({
      system: "Linux",
      kernel: "6.1.0-18-amd64",
      kernel_version: "#1 SMP",
      machine: "x86_64",
      architecture: "x86_64",
      userspace_architecture: "x86_64",
      userspace_bits: "64",
      nodename: "lb1",
      hostname: "lb1",
      fqdn: "lb1.lab.example",
      domain: "lab.example",
    });
  });

  test("A name that resolves to nothing is its own full name.", () => {
    const facts = platformFacts(new Map([["/proc/sys/kernel/hostname", "lb1\n"]]));
    expect([facts.fqdn, facts.domain]).toEqual(["lb1", ""]);
  });
});

test("Session facts: user, clock, environment with line feeds, command line, SELinux, host keys.", () => {
  const facts = plain(
    sessionFacts(
      new Map([
        ["passwd", "ops:x:1000:1000:Operator,,,:/home/ops:/bin/bash\n"],
        ["/proc/self/status", "Name:\tawk\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\n"],
        ["date", "2026 01 02 23 30 59 1767396659 123456789 CET +0100 Friday 5 00\n2026 01 02 22 30 59\n"],
        ["environ", "HOME=/home/ops\0LINES=a\nb\0EMPTY=\0"],
        ["/proc/cmdline", "BOOT_IMAGE=/vmlinuz console=tty0 console=ttyS0 quiet\n"],
        ["/sys/fs/selinux/enforce", "0"],
        ["/sys/fs/selinux/policyvers", "33\n"],
        ["/etc/selinux/config", "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"],
        ["/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAC3 root@lb1\n"],
        ["exists", "/sys/kernel/security/apparmor\n"],
      ]),
    ),
  );
  expect(facts).toEqual({
    user_id: "ops",
    user_uid: 1000,
    user_gid: 1000,
    user_gecos: "Operator,,,",
    user_dir: "/home/ops",
    user_shell: "/bin/bash",
    real_user_id: 1000,
    effective_user_id: 0,
    real_group_id: 1000,
    effective_group_id: 0,
    env: { HOME: "/home/ops", LINES: "a\nb", EMPTY: "" },
    date_time: {
      year: "2026",
      month: "01",
      weekday: "Friday",
      weekday_number: "5",
      weeknumber: "00",
      day: "02",
      hour: "23",
      minute: "30",
      second: "59",
      epoch: "1767396659",
      epoch_int: "1767396659",
      date: "2026-01-02",
      time: "23:30:59",
      iso8601_micro: "2026-01-02T22:30:59.123456Z",
      iso8601: "2026-01-02T22:30:59Z",
      iso8601_basic: "20260102T233059123456",
      iso8601_basic_short: "20260102T233059",
      tz: "CET",
      tz_dst: "CET",
      tz_offset: "+0100",
    },
    cmdline: { BOOT_IMAGE: "/vmlinuz", console: "ttyS0", quiet: true },
    proc_cmdline: { BOOT_IMAGE: "/vmlinuz", console: ["tty0", "ttyS0"], quiet: true },
    fips: false,
    selinux: {
      status: "enabled",
      mode: "permissive",
      policyvers: 33,
      config_mode: "enforcing",
      type: "targeted",
    },
    selinux_python_present: false,
    apparmor: { status: "enabled" },
    ssh_host_key_ed25519_public: "AAAAC3",
    ssh_host_key_ed25519_public_keytype: "ssh-ed25519",
  });
});

describe("virtualization", () => {
  test("A container inside a virtual machine is a container first.", () => {
    expect(
      plain(
        virtualFacts(
          new Map([
            ["/run/systemd/container", "systemd-nspawn\n"],
            ["/sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n"],
          ]),
        ),
      ),
    ).toEqual({
      virtualization_type: "systemd-nspawn",
      virtualization_role: "guest",
      virtualization_tech_guest: ["systemd-nspawn", "kvm", "container"],
      virtualization_tech_host: [],
    });
  });

  test("A machine that can run others is a host, and a bare one is nothing.", () => {
    expect(plain(virtualFacts(new Map([["/proc/modules", "kvm 1 0 - Live\n"]])))).toEqual({
      virtualization_type: "kvm",
      virtualization_role: "host",
      virtualization_tech_guest: [],
      virtualization_tech_host: ["kvm"],
    });
    expect(plain(virtualFacts(new Map()))).toEqual({
      virtualization_type: "NA",
      virtualization_role: "NA",
      virtualization_tech_guest: [],
      virtualization_tech_host: [],
    });
  });
});

test("Local facts are JSON or sections; programs are named, not run.", () => {
  expect(
    plain(
      localFacts(
        new Map([
          ["fact:/etc/ansible/facts.d/pair.fact", '{"role": "lb", "vrid": 51}\n'],
          [
            "fact:/etc/ansible/facts.d/site.fact",
            "; comment\n[General]\nCity = Bern\nlist: a\n  b\n[empty]\n",
          ],
          ["fact:/etc/ansible/facts.d/broken.fact", "neither\n"],
          ["program:/etc/ansible/facts.d/run.fact", ""],
        ]),
      ),
    ),
  ).toEqual({
    local: {
      pair: { role: "lb", vrid: 51 },
      site: { General: { city: "Bern", list: "a\nb" }, empty: {} },
      broken: "error loading facts as JSON or ini - please check content: /etc/ansible/facts.d/broken.fact",
      run: "/etc/ansible/facts.d/run.fact is a program: facts are only read, so it was not run",
    },
  });
});
