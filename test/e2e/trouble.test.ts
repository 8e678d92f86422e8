import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATOR_PASSWORD } from "../../src/lab/image.ts";
import { withLab } from "./lab-fixture.ts";
import { lbplay, runEvents, start } from "./lbplay.ts";

const lab = withLab({ name: "trouble", nodes: ["lb1", "lb2"], packages: ["haproxy", "keepalived"] });

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbplay-trouble-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Writes a file of the test and gives its path. */
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

/** A playbook of some tasks for all nodes of the lab. */
const playbook = (name: string, tasks: string, head = ""): string =>
  file(
    name,
    `- hosts: lb\n  become: true\n  gather_facts: false\n${head}  tasks:\n${tasks.replace(/^/gm, "    ")}\n`,
  );

const onLab = (...words: readonly string[]): readonly string[] => [
  "run",
  "-i",
  lab.inventoryFile(),
  ...words,
];

const TOUCH = "- name: Touch\n  copy: { content: here, dest: /root/touched }";

/** Nothing of a refused run is on any node. */
const expectUntouched = async (): Promise<void> => {
  for (const node of ["lb1", "lb2"]) expect((await lab.exec(node, "ls /root/touched")).code).not.toBe(0);
};

describe("a node that cannot be worked with", () => {
  it("whose host key is another is refused, with the command that mends it, while the other is done", async () => {
    const known = readFileSync(join(lab.site().paths.knownHosts), "utf8").split("\n");
    const keys = known.map((line) => line.split(" "));
    const swapped = keys.map(([host, ...key]) => {
      const other = keys.find(([name, type]) => name === lab.address("lb2") && type === key[0]);
      return host === lab.address("lb1") && other !== undefined
        ? [host, ...other.slice(1)].join(" ")
        : [host, ...key].join(" ");
    });
    const knownHosts = file("known_hosts", swapped.join("\n"));
    const run = await lbplay([
      ...onLab(playbook("touch.yml", TOUCH)),
      "-e",
      `ansible_ssh_common_args='-o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes'`,
    ]);
    expect(run.code).toBe(3);
    expect(run.stdout).toMatch(/fatal: \[lb1\]: UNREACHABLE! => .*host key/i);
    expect(run.stdout).toContain("ssh-keygen -R");
    expect(run.stdout).toMatch(/lb1\s+: ok=0 +changed=0 +unreachable=1/);
    expect((await lab.exec("lb1", "ls /root/touched")).code).not.toBe(0);
    expect((await lab.output("lb2", "cat /root/touched; rm /root/touched")).trim()).toBe("here");
  });

  it("that refuses the key, or is not there, is named with the reason", async () => {
    const refused = await lbplay([...onLab(playbook("touch.yml", TOUCH)), "-e", "ansible_user=nobody"]);
    expect(refused.code).toBe(3);
    expect(refused.stdout).toMatch(/UNREACHABLE! => .*nobody@/);
    const absent = await lbplay([
      "run",
      playbook("touch.yml", TOUCH),
      "-i",
      file("absent.ini", "[lb]\ngone ansible_host=127.0.0.1 ansible_port=9 ansible_user=root\n"),
    ]);
    expect(absent.code).toBe(3);
    expect(absent.stdout).toMatch(/fatal: \[gone\]: UNREACHABLE! => .*refused/i);
    await expectUntouched();
  });

  it("whose sudo wants a password is told apart: none given, a wrong one, the right one", async () => {
    const touch = playbook("touch.yml", TOUCH);
    const none = await lbplay([...onLab(touch), "-e", "ansible_user=operator"]);
    expect(none.code).toBe(3);
    expect(none.stdout).toMatch(/sudo.*password/i);
    expect(none.stdout).toContain("-K");
    const wrong = await lbplay([
      ...onLab(touch),
      "-e",
      "ansible_user=operator",
      "--become-password-file",
      file("wrong", "not-the-password\n"),
    ]);
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toMatch(/password.*(wrong|refused|not accepted|incorrect)/i);
    expect(wrong.stdout + wrong.stderr).not.toContain("not-the-password");
    await expectUntouched();
    const right = await lbplay([
      ...onLab(touch),
      "-e",
      "ansible_user=operator",
      "--become-password-file",
      file("right", `${OPERATOR_PASSWORD}\n`),
      "-vvv",
    ]);
    expect(right.code).toBe(0);
    expect(right.stdout + right.stderr).not.toContain(OPERATOR_PASSWORD);
    for (const node of ["lb1", "lb2"]) await lab.output(node, "rm /root/touched");
  });
});

describe("mistakes", () => {
  it("in names, parameters and variables are all told, with places, before any node is touched", async () => {
    const broken = playbook(
      "broken.yml",
      `${TOUCH}
- name: Typo
  copyy: { content: x, dest: /root/x }
- copy: { content: x, dest: /root/x, mod: "0644" }
- copy: { content: "{{ lb_vipp }}", dest: /root/x }
- template: { src: nowhere.j2, dest: /root/x }`,
      "  vars: { lb_vip: 192.0.2.1 }\n",
    );
    const run = await lbplay(onLab(broken));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/broken\.yml:9:7: error: there is no module "copyy"/);
    expect(run.stderr).toMatch(/did you mean "?copy"?\?/);
    expect(run.stderr).toMatch(/broken\.yml:10:\d+: error: .*mod/);
    expect(run.stderr).toMatch(/broken\.yml:11:\d+: error: .*lb_vipp/);
    expect(run.stderr).toMatch(/did you mean "?lb_vip"?\?/);
    expect(run.stderr).toMatch(/broken\.yml:12:\d+: error: .*nowhere\.j2/);
    expect(run.stderr).toContain("4 errors");
    await expectUntouched();
  });
});

describe("a full disk", () => {
  it("leaves the file as it was, and says what to do", async () => {
    await lab.output(
      "lb1",
      "mkdir -p /mnt/small && mount -t tmpfs -o size=64k tmpfs /mnt/small && echo before >/mnt/small/file",
    );
    const big = playbook("big.yml", `- copy: { content: "{{ 'x' * 200000 }}", dest: /mnt/small/file }`);
    const run = await lbplay(onLab(big, "-l", "lb1"));
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/writing \/mnt\/small\/file failed: .*(No space left|disk full)/);
    expect(await lab.output("lb1", "cat /mnt/small/file; ls -A /mnt/small")).toBe("before\nfile\n");
    await lab.output("lb1", "umount /mnt/small");
  });
});

describe("invalid configurations", () => {
  it.each([
    ["haproxy.cfg", "/etc/haproxy/haproxy.cfg", "haproxy -c -f %s", "listen broken\n  bind nowhere\n"],
    [
      "keepalived.conf",
      "/etc/keepalived/keepalived.conf",
      "keepalived -t -f %s",
      "vrrp_instance X {\n  interface nosuch0\n",
    ],
  ])("of %s never land, and the service is not touched", async (_, path, validate, content) => {
    await lab.output(
      "lb1",
      `mkdir -p "$(dirname ${path})" && [ -e ${path} ] || echo "# here before" >${path}`,
    );
    const before = await lab.output(
      "lb1",
      `cat ${path} | sha256sum; systemctl show -p MainPID,ActiveEnterTimestampMonotonic haproxy`,
    );
    const bad = playbook(
      "bad.yml",
      `- name: Configure\n  copy:\n    dest: ${path}\n    validate: ${validate}\n    content: |\n${content.replace(/^/gm, "      ")}\n  notify: Restart`,
      "  handlers:\n    - name: Restart\n      service: { name: haproxy, state: restarted }\n",
    );
    const run = await lbplay(onLab(bad, "-l", "lb1"));
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("validation failed");
    expect(
      await lab.output(
        "lb1",
        `cat ${path} | sha256sum; systemctl show -p MainPID,ActiveEnterTimestampMonotonic haproxy`,
      ),
    ).toBe(before);
    expect(await lab.output("lb1", `ls -A "$(dirname ${path})" | grep lbplay || true`)).toBe("");
  });
});

describe("a run that is cut short", () => {
  const slow = (): string =>
    playbook(
      "slow.yml",
      `- name: Change\n  copy: { content: "{{ text }}", dest: /root/config }\n  notify: Note
- name: Linger\n  command: sleep {{ seconds }}
- name: After\n  copy: { content: after, dest: /root/after }`,
      `  vars: { text: one, seconds: 0 }\n  handlers:\n    - name: Note\n      shell: echo noted >>/root/notes\n`,
    );

  it("by SIGKILL between a change and its handler has the handler performed by the next run", async () => {
    const cut = start(onLab(slow(), "-l", "lb1", "-e", "seconds=30", "--output", "plain"));
    await cut.said("TASK [Linger]");
    cut.signal("SIGKILL");
    await cut.done;
    expect((await lab.exec("lb1", "cat /root/notes")).code).not.toBe(0);
    // The killed run's shell ends when its command does; the lock is free from then on.
    await lab.exec("lb1", "pkill -x sleep");
    await expect
      .poll(async () => (await lab.exec("lb1", "flock -n /run/lbplay/lock true")).code, { timeout: 20_000 })
      .toBe(0);
    const next = await runEvents(onLab(slow(), "-l", "lb1").slice(1));
    expect(next.code).toBe(0);
    expect(await lab.output("lb1", "cat /root/notes; ls -A /run/lbplay/owed")).toBe("noted\n");
  });

  it("by Ctrl-C ends the action under way, begins no other, and leaves the node free", async () => {
    await lab.output("lb1", "rm -f /root/after /root/notes");
    const cut = start(onLab(slow(), "-l", "lb1", "-e", "seconds=2", "--output", "plain"));
    await cut.said("TASK [Linger]");
    cut.signal("SIGINT");
    const { code, stdout } = await cut.done;
    expect(code).toBe(130);
    expect(stdout).toMatch(/changed: \[lb1\]/);
    expect((await lab.exec("lb1", "ls /root/after")).code).not.toBe(0);
    expect((await lab.exec("lb1", "flock -w 5 /run/lbplay/lock true")).code).toBe(0);
  });

  it("keeps others out while it runs, with its name, unless its lock is broken", async () => {
    const first = start(onLab(slow(), "-l", "lb1", "-e", "seconds=120", "--output", "plain"));
    await first.said("TASK [Linger]");
    const second = await lbplay(onLab(playbook("touch.yml", TOUCH)));
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/lb1 is in use by another run: .*slow\.yml \(since \d+ s\)/);
    expect(second.stderr).toContain("--break-lock");
    const third = await lbplay([...onLab(playbook("touch.yml", TOUCH)), "-l", "lb1", "--break-lock"]);
    expect(third.code).toBe(0);
    const lost = await first.done;
    expect(lost.code).toBe(3);
    expect(lost.stdout).toMatch(/UNREACHABLE!/);
  });

  it("by the node's power is told as unreachable, and not by a hang", { timeout: 120_000 }, async () => {
    const cut = start(onLab(slow(), "-l", "lb2", "-e", "seconds=60", "--output", "plain"));
    await cut.said("TASK [Linger]");
    await lab.kill("lb2");
    const { code, stdout } = await cut.done;
    expect(code).toBe(3);
    expect(stdout).toMatch(/fatal: \[lb2\]: UNREACHABLE!/);
    await lab.start("lb2");
  });
});
