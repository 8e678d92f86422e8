import { describe, expect, test } from "vitest";
import type { CommandResult } from "../../../src/lab/command.ts";
import type { HostRun, Hypervisor } from "../../../src/lab/hypervisor.ts";
import { libvirt } from "../../../src/lab/hypervisor-libvirt.ts";
import { lxc } from "../../../src/lab/hypervisor-lxc.ts";
import { virtualbox } from "../../../src/lab/hypervisor-virtualbox.ts";

/** What a hypervisor would be told, and what it gives to these answers, by the beginning of a command. */
const heard = async <T>(
  of: (run: HostRun) => Hypervisor,
  answers: Readonly<Record<string, string | CommandResult>>,
  ask: (hypervisor: Hypervisor) => Promise<T>,
): Promise<{ readonly commands: readonly string[]; readonly answer: T }> => {
  const commands: string[] = [];
  const run: HostRun = async (words) => {
    const line = words.join(" ");
    commands.push(line);
    const said = Object.entries(answers).find(([beginning]) => line.startsWith(beginning))?.[1] ?? "";
    return typeof said === "string" ? { code: 0, stdout: said, stderr: "" } : said;
  };
  const answer = await ask(of(run));
  return { commands, answer };
};

const commandsOf = async (...given: Parameters<typeof heard>): Promise<readonly string[]> =>
  (await heard(...given)).commands;

const ID = "2a1f0e9c-6f0b-4f6e-9a53-0d6f6f0c1a2b";
const MAC = "08:00:27:ab:cd:ef";

describe("VirtualBox", () => {
  /** Lines of `VBoxManage showvminfo --machinereadable`. */
  const info = (state: string, cable: string): string => `name="lb_lb1_1795775435_1"
VMState="${state}"
nic1="nat"
macaddress1="0800278DC04D"
cableconnected1="on"
nic2="hostonly"
macaddress2="080027ABCDEF"
cableconnected2="${cable}"
nic3="none"
`;
  const show = `VBoxManage showvminfo ${ID} --machinereadable`;

  test("pulls the cable of the card that has the address, and knows whether it is in", async () => {
    const answers = { [show]: info("running", "on") };
    expect(await commandsOf(virtualbox, answers, (it) => it.setPlugged(ID, MAC, false))).toEqual([
      show,
      `VBoxManage controlvm ${ID} setlinkstate2 off`,
    ]);
    expect(await commandsOf(virtualbox, answers, (it) => it.setPlugged(ID, MAC, true))).toEqual([
      show,
      `VBoxManage controlvm ${ID} setlinkstate2 on`,
    ]);
    const plugged = async (text: string): Promise<boolean | null> =>
      (await heard(virtualbox, { [show]: text }, (it) => it.isPlugged(ID, MAC))).answer;
    expect(await plugged(info("running", "on"))).toBe(true);
    expect(await plugged(info("paused", "off").replaceAll("\n", "\r\n"))).toBe(false);
    expect(await plugged(info("poweroff", "on"))).toBeNull();
    await expect(
      commandsOf(virtualbox, answers, (it) => it.setPlugged(ID, "08:00:27:00:00:00", false)),
    ).rejects.toMatchObject({ code: "E_LAB_CABLE" });
  });

  test.each([
    ["running", "running"],
    ["paused", "frozen"],
    ["poweroff", "off"],
    ["aborted", "off"],
    ["saved", "off"],
  ] as const)("that says %s is %s", async (word, state) => {
    expect((await heard(virtualbox, { [show]: info(word, "on") }, (it) => it.state(ID))).answer).toBe(state);
  });

  test("pauses, resumes, and cuts the power", async () => {
    expect(await commandsOf(virtualbox, {}, (it) => it.freeze(ID))).toEqual([
      `VBoxManage controlvm ${ID} pause`,
    ]);
    expect(await commandsOf(virtualbox, {}, (it) => it.thaw(ID))).toEqual([
      `VBoxManage controlvm ${ID} resume`,
    ]);
    expect(await commandsOf(virtualbox, {}, (it) => it.kill(ID))).toEqual([
      `VBoxManage controlvm ${ID} poweroff`,
    ]);
  });
});

describe("libvirt", () => {
  const system = (run: HostRun): Hypervisor => libvirt(run, null);
  const virsh = "env LC_ALL=C virsh --connect qemu:///system";

  test("pulls the cable that has the address, and knows whether it is in", async () => {
    const word = async (plugged: boolean): Promise<readonly string[]> =>
      commandsOf(system, {}, (it) => it.setPlugged(ID, MAC, plugged));
    expect(await word(false)).toEqual([`${virsh} domif-setlink ${ID} ${MAC} down`]);
    expect(await word(true)).toEqual([`${virsh} domif-setlink ${ID} ${MAC} up`]);
    const plugged = async (state: string, link: string): Promise<boolean | null> =>
      (
        await heard(
          system,
          {
            [`${virsh} domstate ${ID}`]: `${state}\n\n`,
            [`${virsh} domif-getlink ${ID} ${MAC}`]: `${MAC} ${link}\n`,
          },
          (it) => it.isPlugged(ID, MAC),
        )
      ).answer;
    expect(await plugged("running", "up")).toBe(true);
    expect(await plugged("paused", "down")).toBe(false);
    expect(await plugged("shut off", "up")).toBeNull();
  });

  test.each([
    ["running", "running"],
    ["paused", "frozen"],
    ["shut off", "off"],
    ["crashed", "off"],
  ] as const)("that says %s is %s", async (word, state) => {
    const answers = { [`${virsh} domstate`]: `${word}\n\n` };
    expect((await heard(system, answers, (it) => it.state(ID))).answer).toBe(state);
  });

  test("suspends, resumes, and cuts the power, where the plugin for Vagrant would look", async () => {
    expect(await commandsOf(system, {}, (it) => it.freeze(ID))).toEqual([`${virsh} suspend ${ID}`]);
    expect(await commandsOf(system, {}, (it) => it.thaw(ID))).toEqual([`${virsh} resume ${ID}`]);
    expect(
      await commandsOf(
        (run) => libvirt(run, "qemu:///session"),
        {},
        (it) => it.kill(ID),
      ),
    ).toEqual([`env LC_ALL=C virsh --connect qemu:///session destroy ${ID}`]);
  });
});

describe("LXC", () => {
  const inside = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0@if17: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 00:16:3e:01:02:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0
3: eth1@if19: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether 00:16:3e:04:05:06 brd ff:ff:ff:ff:ff:ff link-netnsid 0
`;
  const host = `17: vethAAAA@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master lxcbr0 state UP mode DEFAULT group default qlen 1000\\    link/ether fe:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 3
19: vethBBBB@if3: <BROADCAST,MULTICAST> mtu 1500 qdisc noqueue master lxcbr0 state DOWN mode DEFAULT group default qlen 1000\\    link/ether fe:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 3
`;
  const answers = {
    "lxc-info --name lb_lb1 --no-humanize --state": "RUNNING\n",
    "lxc-info --name lb_lb1 --no-humanize --pid": "4711\n",
    "nsenter --target 4711 --net -- ip -o link show": inside,
    "ip -o link show": host,
  };

  test("has the host's end of the cable that has the address", async () => {
    const pulled = await commandsOf(lxc, answers, (it) =>
      it.setPlugged("lb_lb1", "00:16:3e:01:02:03", false),
    );
    expect(pulled.at(-1)).toBe("ip link set dev vethAAAA down");
    const back = await commandsOf(lxc, answers, (it) => it.setPlugged("lb_lb1", "00:16:3e:04:05:06", true));
    expect(back.at(-1)).toBe("ip link set dev vethBBBB up");
    const plugged = async (mac: string): Promise<boolean | null> =>
      (await heard(lxc, answers, (it) => it.isPlugged("lb_lb1", mac))).answer;
    expect(await plugged("00:16:3e:01:02:03")).toBe(true);
    expect(await plugged("00:16:3e:04:05:06")).toBe(false);
    expect(await plugged("00:16:3e:00:00:00")).toBeNull();
    const off = { "lxc-info --name lb_lb1 --no-humanize --state": "STOPPED\n" };
    expect((await heard(lxc, off, (it) => it.isPlugged("lb_lb1", MAC))).answer).toBeNull();
    await expect(heard(lxc, off, (it) => it.setPlugged("lb_lb1", MAC, true))).rejects.toMatchObject({
      code: "E_LAB_CABLE",
    });
  });
});

test("A command that is missing is named with what installs it, and one that fails with what it said.", async () => {
  const failing = (code: number): Readonly<Record<string, CommandResult>> => ({
    "env LC_ALL=C virsh": { code, stdout: "", stderr: "error: Domain not found\n" },
    VBoxManage: { code: 127, stdout: "", stderr: "" },
  });
  await expect(
    heard(
      (run) => libvirt(run, null),
      failing(1),
      (it) => it.freeze(ID),
    ),
  ).rejects.toMatchObject({
    code: "E_LAB_COMMAND",
    message: `env LC_ALL=C virsh --connect qemu:///system suspend ${ID} exited 1: error: Domain not found`,
  });
  await expect(
    heard(
      (run) => libvirt(run, null),
      failing(127),
      (it) => it.freeze(ID),
    ),
  ).rejects.toMatchObject({
    code: "E_VAGRANT_COMMAND",
    message: "virsh is not installed, and Vagrant itself cannot do this",
    hint: "apt-get install -y libvirt-clients",
  });
  await expect(heard(virtualbox, failing(127), (it) => it.thaw(ID))).rejects.toMatchObject({
    code: "E_VAGRANT_COMMAND",
    message: "VBoxManage is not installed, and Vagrant itself cannot do this",
  });
});
