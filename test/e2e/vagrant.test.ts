import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lbplay } from "./lbplay.ts";
import { type VagrantDirectory, vagrantDirectory } from "./vagrant-directory.ts";

describe("the Vagrantfile, without any machine", () => {
  const name = `e2e-vagrantfile-${process.pid}`;
  const bin = join(tmpdir(), name, "bin");

  /** Vagrant believes that there is VirtualBox when this answers: enough to check the provider's settings. */
  beforeAll(async () => {
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "VBoxManage"), "#!/bin/sh\necho 7.0.14r161095\n");
    await chmod(join(bin, "VBoxManage"), 0o755);
  });
  afterAll(() => rm(join(tmpdir(), name), { recursive: true }));

  const directoryFor = (provider: string, env: Record<string, string> = {}): Promise<VagrantDirectory> =>
    vagrantDirectory(name, {
      VAGRANT_DEFAULT_PROVIDER: provider,
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      ...env,
    });

  it.each([
    { provider: "virtualbox", box: "ubuntu2404", right: "linked_clone", wrong: "linked_clon" },
    { provider: "libvirt", box: "rocky9", right: "libvirt.memory", wrong: "libvirt.memmory" },
    { provider: "lxc", box: "centos7", right: "ssh_ip_addr", wrong: "ssh_ip_adr" },
  ])(
    "is valid for $provider with $box, and $wrong would be found",
    async ({ provider, box, right, wrong }) => {
      const { path, vagrant } = await directoryFor(provider, { LBPLAY_BOX: box });
      expect(await vagrant("validate")).toMatchObject({ code: 0, stderr: "" });
      const text = await readFile(join(path, "Vagrantfile"), "utf8");
      expect(text).toContain(right);
      await writeFile(join(path, "Vagrantfile"), text.replace(right, wrong));
      const { code, stderr } = await vagrant("validate");
      expect(code).toBe(1);
      expect(stderr).toContain(wrong.split(".").at(-1));
    },
  );

  it("refuses a box that is none, and says which there are", async () => {
    const { vagrant } = await directoryFor("libvirt", { LBPLAY_BOX: "rocky8" });
    const { code, stderr } = await vagrant("validate");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "LBPLAY_BOX=rocky8: expected debian12, ubuntu2404, ubuntu2204, rocky9, centos7, or a box's full name",
    );
  });

  const inventory = async (cwd: string, env: Record<string, string>) => {
    const { code, stdout, stderr } = await lbplay(["lab", "inventory", "--provider", "vagrant"], {
      cwd,
      env,
    });
    return { code, stdout, stderr };
  };

  it("gives no inventory without machines, a provider, Vagrant or a Vagrantfile, and says what to do", async () => {
    const { path, env } = await directoryFor("lxc");
    const told = (stderr: string) => ({ code: 2, stdout: "", stderr: expect.stringContaining(stderr) });
    expect(await inventory(path, env)).toEqual(
      told(
        `no machine of ${path}/Vagrantfile is running: lb1 not created, lb2 not created, web1 not created, web2 not created, client not created`,
      ),
    );
    // Without the answer to VBoxManage.
    const bare = { ...env, PATH: process.env.PATH ?? "" };
    expect(await inventory(path, { ...bare, VAGRANT_NO_PLUGINS: "1", VAGRANT_DEFAULT_PROVIDER: "" })).toEqual(
      told("Vagrant cannot run machines here: No usable default provider could be found for your system."),
    );
    expect(await inventory(path, { ...bare, VAGRANT_DEFAULT_PROVIDER: "virtualbox" })).toEqual(
      told("Vagrant cannot run machines here: Vagrant could not detect VirtualBox!"),
    );
    const empty = join(path, "empty");
    await mkdir(empty);
    for (const command of ["bash", "sh"]) await symlink(`/bin/${command}`, join(empty, command));
    expect(await inventory(path, { ...env, PATH: empty })).toEqual(told("Vagrant is not installed"));
    expect(await inventory(tmpdir(), env)).toEqual(
      told(`there is no Vagrantfile in ${tmpdir()} or above it`),
    );
  });
});
