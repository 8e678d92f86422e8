import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSshConfig, parseStatus, runningMachines, vagrantProject } from "../../../src/lab/vagrant.ts";
import { vagrantInventory } from "../../../src/lab/vagrant-inventory.ts";
import {
  type MachineAddress,
  type MachineFacts,
  parseMachine,
  sharedNetwork,
} from "../../../src/lab/vagrant-network.ts";

describe("what Vagrant says", () => {
  test("names each machine and its state, or why there is no answer", () => {
    const status = `1795775435,lb1,metadata,provider,libvirt
1795775435,lb2,metadata,provider,virtualbox
1795775435,lb1,provider-name,libvirt
1795775435,lb1,state,running
1795775435,lb1,state-human-long,The Libvirt domain is running. To stop this machine%!(VAGRANT_COMMA) run
1795775435,lb2,provider-name,virtualbox
1795775435,lb2,state,not_created
1795775435,,ui,info,Current machine states:\\n\\nlb1   running (libvirt)
`;
    expect(parseStatus(status)).toEqual({
      machines: [
        { name: "lb1", provider: "libvirt", state: "running" },
        { name: "lb2", provider: "virtualbox", state: "not_created" },
      ],
      failure: null,
    });
    expect(
      parseStatus(
        "1,,ui,error,No\\n2,,error-exit,x\n3,,error-exit,Vagrant::Errors::NoDefaultProvider,No usable%!(VAGRANT_COMMA)\\nnone\n",
      ),
    ).toEqual({
      machines: [],
      failure: { kind: "Vagrant::Errors::NoDefaultProvider", text: "No usable,\nnone" },
    });
  });

  test("tells how it logs in, with one key or several, in paths with blanks too", () => {
    const config = `Host lb1
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  IdentityFile "/home/ann/my lab/.vagrant/machines/lb1/virtualbox/private_key"
  IdentitiesOnly yes

Host web1
  HostName 192.168.121.7
  User vagrant
  Port 22
  IdentityFile /home/ann/.vagrant.d/insecure_private_keys/vagrant.key.ed25519
  IdentityFile /home/ann/.vagrant.d/insecure_private_keys/vagrant.key.rsa
`;
    expect(parseSshConfig(config)).toEqual([
      {
        name: "lb1",
        user: "vagrant",
        host: "127.0.0.1",
        port: "2222",
        keys: ["/home/ann/my lab/.vagrant/machines/lb1/virtualbox/private_key"],
      },
      {
        name: "web1",
        user: "vagrant",
        host: "192.168.121.7",
        port: "22",
        keys: [
          "/home/ann/.vagrant.d/insecure_private_keys/vagrant.key.ed25519",
          "/home/ann/.vagrant.d/insecure_private_keys/vagrant.key.rsa",
        ],
      },
    ]);
  });

  test("is about those that run", () => {
    const project = { vagrantfile: "/p/Vagrantfile", dataDirectory: "/p/.vagrant" };
    const lb1 = { name: "lb1", provider: "virtualbox", state: "running" };
    const lb2 = { name: "lb2", provider: "virtualbox", state: "poweroff" };
    expect(runningMachines(project, [lb1, lb2])).toEqual(["lb1"]);
    expect(() => runningMachines(project, [{ ...lb2, state: "not_created" }])).toThrow(
      "no machine of /p/Vagrantfile is running: lb2 not created",
    );
  });
});

describe("a Vagrantfile", () => {
  test("is found in a directory, above it, or where Vagrant's own variables say", async () => {
    const root = await mkdtemp(join(tmpdir(), "lbplay-vagrant-"));
    await mkdir(join(root, "a/b"), { recursive: true });
    await writeFile(join(root, "a/Vagrantfile"), "");
    await writeFile(join(root, "a/Other"), "");
    const own = { vagrantfile: join(root, "a/Vagrantfile"), dataDirectory: join(root, "a/.vagrant") };
    const find = (cwd: string, env: Record<string, string> = {}) =>
      vagrantProject({ cwd: join(root, cwd), env });
    expect(await find("a")).toEqual(own);
    expect(await find("a/b")).toEqual(own);
    expect(await find(".", { VAGRANT_CWD: "a" })).toEqual(own);
    expect(await find("a/b", { VAGRANT_VAGRANTFILE: "Other", VAGRANT_DOTFILE_PATH: "/var/v" })).toEqual({
      vagrantfile: join(root, "a/Other"),
      dataDirectory: "/var/v",
    });
    await expect(find(".")).rejects.toMatchObject({
      code: "E_VAGRANT_FILE",
      message: `there is no Vagrantfile in ${root} or above it`,
    });
    await rm(root, { recursive: true });
  });

  test("whose directory ssh could not name is refused before anything is asked", async () => {
    const root = await mkdtemp(join(tmpdir(), "lbplay vagrant "));
    await writeFile(join(root, "Vagrantfile"), "");
    const place = { cwd: root, env: {} };
    const site = { place, project: await vagrantProject(place) };
    await expect(vagrantInventory(site, [])).rejects.toMatchObject({
      code: "E_VAGRANT_PATH",
    });
    await rm(root, { recursive: true });
  });
});

const machine = (name: string, wayOut: string, ...addresses: readonly string[]): MachineFacts => ({
  name,
  hostKeys: [],
  wayOut: [wayOut],
  macs: new Map(),
  addresses: addresses.map((text): MachineAddress => {
    const [card = "", address = "", bits = ""] = text.split(/[ /]/);
    return { interface: card, address, bits: Number(bits) };
  }),
});

describe("a machine's answer", () => {
  test("holds its host keys, its addresses and its way out", () => {
    const answer = `ecdsa-sha2-nistp256 AAAAE2 root@lb1
ssh-ed25519 AAAAC3

2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global dynamic eth0\\       valid_lft 86000sec preferred_lft 86000sec
3: eth1    inet 192.168.56.11/24 brd 192.168.56.255 scope global eth1\\       valid_lft forever preferred_lft forever

default via 10.0.2.2 dev eth0 proto dhcp metric 100

eth0 52:54:00:4d:77:d3
eth1 08:00:27:ab:cd:ef
lo 00:00:00:00:00:00
`;
    expect(parseMachine("lb1", answer)).toEqual({
      name: "lb1",
      hostKeys: ["ecdsa-sha2-nistp256 AAAAE2", "ssh-ed25519 AAAAC3"],
      addresses: [
        { interface: "eth0", address: "10.0.2.15", bits: 24 },
        { interface: "eth1", address: "192.168.56.11", bits: 24 },
      ],
      wayOut: ["eth0"],
      macs: new Map([
        ["eth0", "52:54:00:4d:77:d3"],
        ["eth1", "08:00:27:ab:cd:ef"],
        ["lo", "00:00:00:00:00:00"],
      ]),
    });
  });
});

describe("the machines' own network", () => {
  test("of VirtualBox is not the one in which all have the same address", () => {
    const network = sharedNetwork([
      machine("lb1", "eth0", "eth0 10.0.2.15/24", "eth1 192.168.56.11/24", "eth1 192.168.56.10/32"),
      machine("lb2", "eth0", "eth0 10.0.2.15/24", "eth1 192.168.56.12/24"),
    ]);
    expect([...network.addresses].map(([name, { address }]) => [name, address])).toEqual([
      ["lb1", "192.168.56.11"],
      ["lb2", "192.168.56.12"],
    ]);
    expect({ subnet: network.subnet, vip: network.vip }).toEqual({
      subnet: "192.168.56.0/24",
      vip: "192.168.56.10",
    });
  });

  test("of libvirt is not the one that leads out, even for one machine alone", () => {
    const lb1 = machine("lb1", "eth0", "eth0 192.168.121.7/24", "eth1 192.168.56.11/24");
    const lb2 = machine("lb2", "eth0", "eth0 192.168.121.8/24", "eth1 192.168.56.12/24");
    expect(sharedNetwork([lb1, lb2]).subnet).toBe("192.168.56.0/24");
    expect(sharedNetwork([lb1]).subnet).toBe("192.168.56.0/24");
  });

  test("of lxc is the only one there is", () => {
    const network = sharedNetwork([
      machine("lb1", "eth0", "eth0 10.0.3.10/24"),
      machine("lb2", "eth0", "eth0 10.0.3.11/24"),
    ]);
    expect(network.subnet).toBe("10.0.3.0/24");
    expect(network.vip).toBe("10.0.3.12");
  });

  test("is refused when there is none, or more than one", () => {
    const none = [
      machine("lb1", "eth0", "eth0 10.0.2.15/24"),
      machine("lb2", "eth0", "eth0 10.0.2.15/24", "eth1 192.168.56.12/24"),
    ];
    expect(() => sharedNetwork(none)).toThrow(
      "the machines share no network of their own: lb1 10.0.2.15/24 (eth0), lb2 10.0.2.15/24 (eth0) 192.168.56.12/24 (eth1)",
    );
    const two = [
      machine("lb1", "eth0", "eth1 192.168.56.11/24", "eth2 192.168.57.11/24"),
      machine("lb2", "eth0", "eth1 192.168.56.12/24", "eth2 192.168.57.12/24"),
    ];
    expect(() => sharedNetwork(two)).toThrow("the machines share more than one network of their own");
  });
});
