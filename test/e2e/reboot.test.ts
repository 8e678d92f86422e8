import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { runEvents } from "./lbplay.ts";

const lab = withLab({ name: "boot", nodes: ["lb1"] });

test("a node is booted, waited for, and worked with again; what was owed to it is done", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lbplay-reboot-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(
    join(directory, "play.yaml"),
    `- hosts: lb1
  become: true
  gather_facts: false
  tasks:
    - copy: { dest: /etc/lbplay-test, content: before }
      notify: Afterwards
    - reboot: { reboot_command: /usr/bin/touch /run/asked, reboot_timeout: 300, connect_timeout: 5 }
      register: booted
    - wait_for_connection: { timeout: 60, connect_timeout: 20 }
    - command: cat /proc/sys/kernel/random/boot_id
      changed_when: false
    - assert: { that: [booted.rebooted, booted.elapsed < 300] }
  handlers:
    - name: Afterwards
      command: touch /etc/lbplay-afterwards
`,
  );
  const before = await lab.output("lb1", "cat /proc/sys/kernel/random/boot_id");
  const running = runEvents([join(directory, "play.yaml"), "-i", lab.inventoryFile()]);
  // A node cannot say good-bye when its power goes: nothing closes the connection.
  await expect
    .poll(async () => (await lab.exec("lb1", "test -e /run/asked")).code, { timeout: 60_000 })
    .toBe(0);
  await lab.kill("lb1");
  await lab.start("lb1");
  const { code, stderr } = await running;
  expect([code, stderr]).toEqual([0, ""]);
  expect(await lab.output("lb1", "cat /proc/sys/kernel/random/boot_id")).not.toBe(before);
  expect(await lab.output("lb1", "cat /etc/lbplay-test; ls /etc/lbplay-afterwards")).toBe(
    "before/etc/lbplay-afterwards\n",
  );
});
