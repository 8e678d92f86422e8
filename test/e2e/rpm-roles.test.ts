import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { run as runHere } from "../../src/lab/command.ts";
import { withLab } from "./lab-fixture.ts";
import {
  forget,
  installed,
  KEY_FILE,
  NODE,
  playsOn,
  prepareRpmNode,
  REPOSITORIES,
  RPM_PACKAGES,
  SOURCES,
  shown,
} from "./rpm-node.ts";

const lab = withLab({ name: "rpm-roles", nodes: [NODE], packages: RPM_PACKAGES });
const { run, prove, file } = playsOn(lab);

beforeAll(() => prepareRpmNode(lab));
beforeEach(() => forget(lab));

const write = (path: string, ...lines: readonly string[]): Promise<string> =>
  lab.output(NODE, `mkdir -p "$(dirname '${path}')" && cat > '${path}' <<'FILE'\n${lines.join("\n")}\nFILE`);

const read = (path: string): Promise<string> => lab.output(NODE, `cat '${path}'`);

const role = (name: string, vars: string): string =>
  `- name: Role\n  include_role: { name: ${name} }\n  vars:\n${vars.trim().replace(/^/gm, "    ")}\n`;

describe("the role el_repositories", () => {
  const fingerprint = async (): Promise<string> =>
    (
      await lab.output(
        NODE,
        `gpg --homedir /srv/gnupg --with-colons --fingerprint demo@example.com | sed -n 's/^fpr:*\\([0-9A-F]*\\):/\\1/p'`,
      )
    ).trim();

  /** A CentOS 7 as far as this role sees it, with a vault and an EPEL on the node itself. */
  const centos = (vars = ""): string =>
    role(
      "el_repositories",
      `
el_repositories_apply: true
el_repositories_major: "7"
el_repositories_vault: true
el_repositories_vault_url: file:///srv/vault
el_repositories_vault_key: file://${KEY_FILE}
el_repositories_epel_baseurl: file:///srv/epel/$basearch/
el_repositories_epel_key: file://${KEY_FILE}
${vars}`,
    );

  beforeAll(async () => {
    await lab.output(
      NODE,
      [
        "mkdir -p /srv/vault/7.9.2009/os /srv/vault/7.9.2009/updates /srv/vault/7.9.2009/extras /srv/epel",
        `for r in os updates extras; do ln -s ${REPOSITORIES}/main /srv/vault/7.9.2009/$r/$(uname -m); done`,
        `ln -s ${REPOSITORIES}/extra /srv/epel/$(uname -m)`,
      ].join("\n"),
    );
  });

  it("makes a CentOS 7 whose mirrors are gone install packages again, and EPEL's where asked", async () => {
    await write(
      "/etc/yum.repos.d/CentOS-Base.repo",
      "# CentOS-Base.repo",
      "[base]",
      "name=CentOS-$releasever - Base",
      "mirrorlist=http://127.0.0.1:9/?release=$releasever&arch=$basearch&repo=os",
      "gpgcheck=1",
      `gpgkey=file://${KEY_FILE}`,
      "",
      "#additional packages that extend functionality of existing packages",
      "[centosplus]",
      "name=CentOS-$releasever - Plus",
      "mirrorlist=http://127.0.0.1:9/?release=$releasever&arch=$basearch&repo=centosplus",
      "enabled=0",
    );
    const packages = "- name: Packages\n  yum: { name: demo }\n";
    expect((await run(packages)).failures.join()).toMatch(/Unable to find a match|Cannot download/);
    const sources = centos(
      `el_repositories_epel_enabled: false\nel_repositories_epel_fingerprints: { "7": ${await fingerprint()} }`,
    );
    const { changed } = await prove(sources + packages);
    expect(changed).toEqual([
      "el_repositories : Take CentOS's packages from its vault",
      "el_repositories : Know EPEL's key",
      "el_repositories : Take packages from EPEL",
      "Packages",
    ]);
    expect(await read("/etc/yum.repos.d/CentOS-Base.repo")).toMatch(/^\[centosplus\]\n[\s\S]*^\[extras\]\n/m);
    expect((await run("- dnf: { name: demo-extra }")).code).toBe(1);
    await prove("- dnf: { name: demo-extra, enablerepo: epel }");
    expect(await installed(lab)).toContain("demo-extra-1.0");
  });

  it("refuses a key of EPEL that is not the published one", async () => {
    const { failures } = await run(centos());
    expect(failures).toEqual([
      expect.stringMatching(
        new RegExp(`^the key is ${await fingerprint()}, not 91E97D7C4A5E96F17F3E888F6A2FAEA2352C64E5$`),
      ),
    ]);
    expect((await lab.exec(NODE, "ls /etc/yum.repos.d/epel.repo")).code).not.toBe(0);
  });

  it("knows further repositories, and does nothing on another family", async () => {
    const own = role(
      "el_repositories",
      `
el_repositories_apply: true
el_repositories_major: "9"
el_repositories_vault: false
el_repositories_epel: false
el_repositories_extra:
  - { name: own, baseurl: "file://${REPOSITORIES}/main", gpgkey: "file://${KEY_FILE}", exclude: ["demo-2*"] }`,
    );
    await prove(`${own}- dnf: { name: demo }\n`);
    expect(await installed(lab)).toContain("demo-1.1");
    await forget(lab);
    const bare = await run("- setup:\n- include_role: { name: el_repositories }\n");
    expect({ code: bare.code, changed: bare.changed }).toEqual({ code: 0, changed: [] });
    expect((await lab.output(NODE, "ls /etc/yum.repos.d")).trim()).toBe("");
  });
});

describe("the role el_network", () => {
  const apply = (vars = ""): string => role("el_network", `el_network_apply: true\n${vars}`);
  const aliasFile = "/etc/sysconfig/network-scripts/ifcfg-host0:1";
  const addresses = async (): Promise<readonly string[]> =>
    (await lab.output(NODE, "ip -o -4 address show dev host0 | awk '{print $4}'")).trim().split("\n");
  const rename = (name: string): Promise<string> =>
    lab.output(NODE, `printf '%s\\n' '${name}' > /etc/hostname; hostname '${name || "localhost"}'`);

  it("gives a node without a name the one in /etc/sysconfig/network", async () => {
    await rename("localhost.localdomain");
    await write("/etc/sysconfig/network", "NETWORKING=yes", 'HOSTNAME="lb7.example.com"');
    const { changed } = await prove(apply(), { trips: 4 });
    expect(changed).toEqual(["el_network : Give the node the name that it has of old"]);
    expect((await lab.output(NODE, "cat /etc/hostname; uname -n")).trim().split("\n")).toEqual([
      "lb7.example.com",
      "lb7.example.com",
    ]);
  });

  it("never empties or replaces a name, whatever that file says", async () => {
    await rename("lb8.example.com");
    await write("/etc/sysconfig/network", "NETWORKING=yes", "HOSTNAME=lb7.example.com");
    expect((await prove(apply(), { trips: 4 })).changed).toEqual([]);
    expect((await read("/etc/hostname")).trim()).toBe("lb8.example.com");
    await rename("localhost");
    for (const line of ["# Created by anaconda", "HOSTNAME=", "HOSTNAME=localhost.localdomain"]) {
      await write("/etc/sysconfig/network", line);
      expect((await prove(apply(), { trips: 4 })).changed).toEqual([]);
    }
    await lab.output(NODE, "rm -r /etc/sysconfig; rm /etc/hostname");
    expect((await prove(apply(), { trips: 4 })).changed).toEqual([]);
    await rename(NODE);
  });

  it("takes down aliases that hold a virtual address, and leaves the node's other addresses", async () => {
    const own = await addresses();
    const free = lab.vip();
    await lab.output(
      NODE,
      `sysctl -q -w net.ipv4.conf.host0.promote_secondaries=0; ip address add ${free}/24 dev host0 label host0:1`,
    );
    await write(aliasFile, "DEVICE=host0:1", "ONBOOT=yes", `IPADDR="${free}"`, "NETMASK=255.255.255.0");
    await write(aliasFile.replace(":1", ":2"), "DEVICE=host0:2", "IPADDR=198.51.100.9");
    await write(aliasFile.replace(":1", ""), "DEVICE=host0", "BOOTPROTO=dhcp");
    const { changed } = await prove(apply(`el_network_virtual_addresses: ["${free}/24"]`), { trips: 5 });
    expect(changed).toEqual(["el_network : Take their addresses down", "el_network : Remove the files"]);
    expect(await addresses()).toEqual(own);
    expect((await lab.output(NODE, "ls /etc/sysconfig/network-scripts")).trim().split("\n")).toEqual([
      "ifcfg-host0",
      "ifcfg-host0:2",
    ]);
  });

  it("refuses to take down the address over which the node is reached", async () => {
    const address = lab.address(NODE);
    await lab.output(NODE, `ip address add ${address}/32 dev host0 label host0:1`);
    await write(aliasFile, `IPADDR=${address}`);
    const { code, events } = await run(apply('el_network_aliases: ["host0:1"]'));
    expect(code).toBe(1);
    expect(JSON.stringify(events)).toContain("is the address over which this node is reached");
    await lab.output(
      NODE,
      `test -e ${aliasFile} && ip address del ${address}/32 dev host0 && rm ${aliasFile}`,
    );
  });
});

describe("keys and repositories", () => {
  it("come by URL and go by id, and a stranger's key is refused", async () => {
    const refused = await run(
      `- rpm_key: { key: ${KEY_FILE}, fingerprint: 91E97D7C4A5E96F17F3E888F6A2FAEA2352C64E5 }`,
    );
    expect(refused.failures.join()).toMatch(/^the key is [0-9A-F]{40}, not 91E97D7C/);
    await lab.output(
      NODE,
      "systemd-run -q --unit keys --collect python3 -m http.server --bind 127.0.0.1 --directory /srv 8099; for i in 1 2 3 4 5 6 7 8 9; do curl -fsS -o /dev/null http://127.0.0.1:8099/ 2>/dev/null && break; sleep 0.3; done",
    );
    const imported = await prove("- name: Key\n  rpm_key: { key: http://127.0.0.1:8099/RPM-GPG-KEY-demo }\n");
    expect((await run("- rpm_key: { key: http://127.0.0.1:8099/nosuch }")).failures.join()).toContain("404");
    await lab.output(NODE, "systemctl stop keys");
    expect(shown(imported).join()).toMatch(/^rpm key [0-9A-F]{16} Demo packages .*→ imported$/);
    const id = /rpm key ([0-9A-F]{16})/.exec(shown(imported).join())?.[1] ?? "";
    await prove(`- name: Key\n  rpm_key: { key: "0x${id.slice(-8).toLowerCase()}", state: absent }\n`);
    expect((await lab.exec(NODE, "rpm -q gpg-pubkey")).code).not.toBe(0);
  });

  it("are left by lbplay as by Ansible, which finds nothing more to do, and the other way round", async () => {
    const tasks = `${SOURCES}
- name: One more in a file of many
  yum_repository:
    name: demo
    file: demo
    description: Demo, again
    baseurl: ["file://${REPOSITORIES}/main", "file:///srv/mirror"]
    gpgcheck: true
    gpgkey: file://${KEY_FILE}
    exclude: [nothing, "no*"]
    metadata_expire: 6h
    keepcache: 1
    mode: "0640"
- name: One goes
  yum_repository: { name: broken, file: demo, state: absent }
- name: Pin
  dnf: { name: [demo-1.0, demo-extra], enablerepo: extra, install_weak_deps: false }
- name: Go
  dnf: { name: demo-extra, state: absent }
`;
    // The first loop and what follows it undo each other, so only what comes after is run twice.
    const settled = tasks.slice(tasks.indexOf("- name: One more"), tasks.indexOf("- name: Pin"));
    const state = async (): Promise<string> =>
      lab.output(
        NODE,
        "cd /etc/yum.repos.d; for f in *; do stat -c '%n %a' $f; cat $f; done; rpm -qa | grep -v gpg-pubkey | sort; rpm -qa gpg-pubkey",
      );
    expect((await run(tasks)).failures).toEqual([]);
    const ours = await state();
    expect(await ansible(file(settled))).toContain("changed=0");
    await forget(lab);
    expect(await ansible(file(tasks))).toContain("failed=0");
    expect(await state()).toBe(ours);
    expect((await run(settled)).changed).toEqual([]);
  });

  /** Ansible's own run of a playbook on the node: its recap line. */
  const ansible = async (playbook: string): Promise<string> => {
    const { stdout, stderr } = await runHere(["ansible-playbook", "-i", lab.inventoryFile(), playbook]);
    const recap = /^web1 +: (.*)$/m.exec(stdout)?.[1];
    if (recap === undefined) throw new Error(stdout + stderr);
    if (!recap.includes("failed=0")) throw new Error(stdout);
    return recap;
  };
});
