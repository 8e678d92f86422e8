import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { vagrantLab } from "../../../src/lab/vagrant-lab.ts";

describe("a machine of a provider that only Vagrant knows", () => {
  let cwd = "";

  /** A directory with one machine, as Vagrant leaves it. */
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "lbplay-vagrant-"));
    await writeFile(join(cwd, "Vagrantfile"), "");
    await mkdir(join(cwd, ".vagrant/machines/lb1/vmware_desktop"), { recursive: true });
    await writeFile(join(cwd, ".vagrant/machines/lb1/vmware_desktop/id"), "/vm/lb1.vmx");
  });
  afterEach(() => rm(cwd, { recursive: true }));

  test.each(["unplug", "plug", "freeze", "thaw"] as const)("refuses %s by name", async (fault) => {
    const lab = await vagrantLab({ cwd, env: {} });
    await expect(lab.fault(fault, "lb1")).rejects.toMatchObject({
      code: "E_LAB_FAULT",
      message: `lbplay cannot ${fault} lb1, a machine of Vagrant's provider vmware_desktop`,
      hint: "it can with virtualbox, libvirt and lxc; kill and start work with every provider",
    });
  });

  test("is logged in to by what was learnt of it, as root, and not before", async () => {
    const lab = await vagrantLab({ cwd, env: {} });
    await expect(lab.sshWords("lb1", "id")).rejects.toMatchObject({ code: "E_VAGRANT_UNKNOWN" });
    await mkdir(join(cwd, ".vagrant/lbplay"));
    const machine = {
      name: "lb1",
      address: "192.168.56.11",
      mac: "08:00:27:ab:cd:ef",
      user: "vagrant",
      key: "/k",
      hostKeys: [],
    };
    await writeFile(join(cwd, ".vagrant/lbplay/machines.json"), JSON.stringify([machine]));
    const command = await lab.sshWords("lb1", "echo $HOME");
    expect(command.slice(-2)).toEqual(["vagrant@192.168.56.11", "sudo -n sh -c 'echo $HOME'"]);
    expect(command).toEqual(
      expect.arrayContaining([
        `UserKnownHostsFile=${cwd}/.vagrant/lbplay/known_hosts`,
        "StrictHostKeyChecking=yes",
        "/k",
      ]),
    );
    expect((await lab.sshWords("lb1", null)).slice(-3)).toEqual(["-t", "vagrant@192.168.56.11", "sudo -i"]);
  });
});
