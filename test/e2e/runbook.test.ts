import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, run } from "../../src/lab/command.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { PROGRAM, ROOT, runEvents } from "./lbplay.ts";
import { publishNewer } from "./newer-packages.ts";
import { missingLine, type PageBlock, readPage } from "./runbook-page.ts";

// Every command of the runbook, in the order of the page, on the nodes of a lab. Whoever adds a command to the page
// adds a step here; the first test says which one is missing.

const page = readPage(join(ROOT, "docs/runbook-centos7.md"));

const lab = withLab({
  name: "runbook",
  nodes: ["lb1", "lb2", "web1", "web2", "web3"],
  packages: [...SITE_PACKAGES, "netbase", "nftables", "python3-firewall"],
});

const workspace = mkdtempSync(join(tmpdir(), "lbplay-runbook-"));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** The page's addresses, and those of the lab. */
const here = (text: string): string =>
  text.replaceAll(/192\.0\.2\.(\d+)/g, (_, host: string) => {
    const node = { 11: "lb1", 12: "lb2", 21: "web1", 22: "web2", 23: "web3" }[host];
    return node === undefined ? lab.vip() : lab.address(node);
  });

const write = (path: string, text: string): void => writeFileSync(join(workspace, path), text);

const hosts = "inventory/mine/hosts.yaml";

/** What a test does before and after a command of the page: what the page says in words, or what breaks. */
interface Step {
  readonly command: string;
  readonly code?: number;
  readonly before?: () => Promise<unknown> | unknown;
  readonly after?: () => Promise<unknown> | unknown;
}

const site = "lbplay run playbooks/site.yaml -i inventory/mine";
const verify = "lbplay run playbooks/verify.yaml -i inventory/mine";
const failover = "lbplay run playbooks/failover.yaml -i inventory/mine";
const upgrade = "lbplay run playbooks/upgrade.yaml -i inventory/mine";
const drain = "lbplay run playbooks/drain.yaml -i inventory/mine";
const certificate = (days: number): string =>
  `openssl req -x509 -newkey rsa:2048 -nodes -days ${days} -subj /CN=www.example.com -keyout inventory/certificates/www.example.com.key -out inventory/certificates/www.example.com.crt`;

const lines = (...words: readonly string[]): string => words.join("\n");

/** A trouble: made, found by verify, and mended. */
const trouble = (
  before: () => Promise<unknown>,
  mend: string,
  more: Omit<Step, "command"> = {},
): readonly Step[] => [{ command: verify, before, code: 1, ...more }, { command: mend }];

const steps: readonly Step[] = [
  // 1 to 5: from bare nodes to a pair that serves.
  { command: "ssh lb1 sudo id -un" },
  { command: "ssh lb1 ping -c 2 -W 1 192.0.2.100", code: 1 },
  { command: "cp -r inventory/centos7 inventory/mine", after: () => write(hosts, labHosts()) },
  { command: lines("mkdir -m 700 inventory/certificates", certificate(90)) },
  {
    command: lines(
      "git -C inventory/mine init --quiet",
      "git -C inventory/mine add .",
      'git -C inventory/mine commit --quiet --message "The pair as it is first built"',
    ),
  },
  { command: lines(`${site} --syntax-check`, "lbplay inventory -i inventory/mine --graph") },
  { command: `${site} --check --diff` },
  { command: site },
  { command: site },
  { command: `${site} --check --exit-code` },
  { command: verify, before: settled },
  {
    command: lines(
      "curl -sS -i http://192.0.2.100/",
      "curl -sS -k -o /dev/null -w '%{http_code}\\n' https://192.0.2.100/",
      "curl -sS -k -o /dev/null -w '%{http_code}\\n' https://192.0.2.100:8443/",
    ),
  },
  {
    command: lines(
      "ssh lb1 ip -o address show to 192.0.2.100",
      "ssh lb1 ip maddr show",
      "ssh lb1 sudo tail -n 5 /var/log/haproxy.log",
    ),
  },
  // 6: failover.
  { command: `${failover} --check` },
  { command: `${failover} -e failover_back=true` },
  {
    command: lines(
      "ssh lb1 sudo systemctl stop haproxy",
      "sleep 5",
      "ssh lb2 ip -o address show to 192.0.2.100",
      "ssh lb1 sudo systemctl start haproxy",
      "sleep 5",
      failover,
    ),
  },
  // 7: certificate.
  { command: lines(certificate(365), `${site} --limit lb --tags tls --check --diff`) },
  { command: lines(`${site} --limit lb --tags tls`, verify) },
  // 8: upgrade.
  { command: `${upgrade} --check`, before: () => publishNewer(lab) },
  { command: upgrade, after: () => versions("+next1") },
  { command: upgrade },
  {
    command: lines(`${upgrade} -e @inventory/versions.yaml`, verify),
    before: writeVersions,
    after: () => versions(""),
  },
  // 9 to 12: servers and nodes come and go.
  { command: `${site} --limit lb --tags haproxy --check --diff`, before: addServer },
  {
    command: lines(
      `${site} --limit lb`,
      'git -C inventory/mine commit --quiet --all --message "Add www03"',
      verify,
    ),
  },
  {
    command: lines(
      `${drain} -e drain_server=http_server/www01`,
      `${drain} -e drain_server=backend_server/www01`,
    ),
  },
  {
    command: lines(
      `${drain} -e drain_server=http_server/www01 -e drain_state=ready`,
      `${drain} -e drain_server=backend_server/www01 -e drain_state=ready`,
    ),
  },
  { command: lines(`${site} --limit lb2`, verify), before: newMachine },
  { command: lines("git -C inventory/mine revert --no-edit HEAD", `${site} --limit lb --check --diff`) },
  { command: lines(`${site} --limit lb`, verify) },
  // 13: trouble.
  ...trouble(
    async () => {
      await lab.output(
        "lb2",
        "for kept in '' --permanent; do firewall-cmd $kept --zone=internal --remove-rich-rule='rule protocol value=\"vrrp\" accept'; done",
      );
      await expect.poll(holders, { timeout: 20_000 }).toEqual(["lb1", "lb2"]);
    },
    lines(
      "ssh lb2 sudo firewall-cmd --zone=internal --list-rich-rules",
      `${site} --limit lb --tags firewall`,
      "sleep 3",
      verify,
    ),
  ),
  ...trouble(
    async () => {
      await lab.output("lb2", "systemctl stop keepalived");
      await lab.output("lb1", "systemctl stop keepalived");
    },
    lines(
      "ssh lb1 sudo journalctl --unit keepalived --lines 20 --no-pager",
      `${site} --limit lb`,
      "sleep 10",
      verify,
    ),
  ),
  ...trouble(
    async () => {
      await onOwner("lb1");
      await lab.exec(
        "lb2",
        "sed -i 's/balance roundrobin/balanse roundrobin/' /etc/haproxy/haproxy.cfg; systemctl restart haproxy",
      );
    },
    lines(
      `${site} --limit lb2 --tags haproxy --check --diff`,
      `${site} --limit lb2 --tags haproxy`,
      "sleep 10",
      verify,
    ),
  ),
  ...trouble(
    () => lab.output("lb2", "sed -i 's/ priority / weigth /' /etc/keepalived/keepalived.conf"),
    lines(`${site} --limit lb2 --tags keepalived`, "sleep 5", verify),
  ),
  ...trouble(
    () => lab.output("lb1", "sleep 3; touch /etc/haproxy/haproxy.cfg"),
    lines("ssh lb1 sudo systemctl reload haproxy", "sleep 5", verify),
  ),
  ...trouble(
    () => lab.output("lb2", "sysctl -w net.ipv4.ip_nonlocal_bind=0"),
    lines(`${site} --limit lb2 --tags sysctl`, verify),
  ),
  {
    command: verify,
    code: 1,
    before: async () => {
      await lab.output("web1", "systemctl stop nginx");
      await expect
        .poll(() => lab.output("lb1", "echo show stat | socat - /run/haproxy/admin.sock"), {
          timeout: 20_000,
        })
        .toMatch(/^http_server,www01,.*DOWN/m);
      await expect
        .poll(() => lab.output("lb2", "echo show stat | socat - /run/haproxy/admin.sock"), {
          timeout: 20_000,
        })
        .toMatch(/^http_server,www01,.*DOWN/m);
    },
  },
  { command: "ssh lb1 curl -sS -o /dev/null -m 5 -w '%{http_code}\\n' http://192.0.2.21/healthz", code: 7 },
  { command: lines("sleep 10", verify), before: () => lab.output("web1", "systemctl start nginx") },
  ...trouble(
    () => lab.output("lb1", "systemctl stop rsyslog syslog.socket; systemctl stop rsyslog"),
    lines(`${site} --limit lb --tags logging`, verify),
  ),
  { command: `${verify} -e tls_verify_days=400`, code: 1 },
  {
    command:
      "openssl s_client -connect 192.0.2.100:8443 </dev/null 2>/dev/null | openssl x509 -noout -subject -enddate",
  },
  ...trouble(
    async () => {
      await onOwner("lb1");
      await lab.output("lb2", `ip address add ${lab.vip()}/24 dev host0 label host0:1`);
    },
    lines(
      "ssh lb2 \"sudo ip address del 192.0.2.100/24 dev \\$(ip -o -4 address show to 192.0.2.100 | awk '{ print \\$2; exit }')\"",
      verify,
    ),
  ),
  {
    command: `${verify} --timeout 5`,
    code: 3,
    before: () => lab.pullCable("lb2"),
    after: () => lab.plugCable("lb2"),
  },
  { command: lines("sleep 10", verify) },
  { command: `${site} --limit lb3`, code: 2 },
];

/** The page's hosts file with the lab's addresses, and the way into the lab. */
const labHosts = (): string => {
  const text = here(readFileSync(join(workspace, hosts), "utf8"));
  const { paths } = lab.site();
  const way = [
    `    ansible_ssh_private_key_file: ${paths.key}`,
    `    ansible_ssh_common_args: -o UserKnownHostsFile=${paths.knownHosts}`,
  ];
  return text.replace(/^ {4}ansible_user: admin$/m, (line) => [line, ...way].join("\n"));
};

async function holders(): Promise<readonly string[]> {
  const held = await Promise.all(
    ["lb1", "lb2"].map(async (node) =>
      (await lab.exec(node, `ip -o addr show to ${lab.vip()}`)).stdout === "" ? [] : [node],
    ),
  );
  return held.flat();
}

async function onOwner(node: string): Promise<void> {
  await expect.poll(holders, { timeout: 20_000 }).toHaveLength(1);
  expect(await holders()).toEqual([node]);
}

/** lb1 was there first, so it has the address; lb2 has seen that. */
async function settled(): Promise<void> {
  await expect.poll(holders, { timeout: 20_000 }).toEqual(["lb1"]);
  await expect
    .poll(
      async () =>
        (await lab.exec("lb2", "journalctl -u keepalived -o cat | grep -c 'Entering BACKUP STATE'")).code,
      { timeout: 30_000 },
    )
    .toBe(0);
}

const installed = (node: string): Promise<string> =>
  lab.output(node, "dpkg-query -W -f '${Package}=${Version}\\n' haproxy keepalived");

async function versions(suffix: string): Promise<void> {
  const [first = "", second] = await Promise.all(["lb1", "lb2"].map(installed));
  expect(second).toBe(first);
  expect(
    first
      .trim()
      .split("\n")
      .map((line) => line.endsWith("+next1")),
  ).toEqual(suffix === "" ? [false, false] : [true, true]);
}

/** As the page writes it, in Debian's form. */
async function writeVersions(): Promise<void> {
  const before = (await installed("lb1")).replaceAll("+next1", "").trim().split("\n");
  write("inventory/versions.yaml", `upgrade_packages: ${JSON.stringify(before)}\n`);
}

/** The lines of the page that the reader puts into the hosts file. */
function addServer(): void {
  const lines = page.files.find(({ section }) => section.startsWith("9."))?.text ?? "";
  const text = readFileSync(join(workspace, hosts), "utf8");
  write(hosts, text.replace(/^ {4}lb_servers:\n(?: {6}- .*\n)+/m, here(lines)));
}

async function newMachine(): Promise<void> {
  if ((await holders()).includes("lb2")) expectCode(await sh(failover), 0);
  await lab.reset("lb2");
}

/** The reader's shell: lbplay is in the path, ssh knows the nodes, git knows who commits. */
const sh = (command: string): Promise<CommandResult> => {
  const who = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    `GIT_${role}_NAME=Operator`,
    `GIT_${role}_EMAIL=operator@example.com`,
  ]);
  const path = `PATH=${join(workspace, "bin")}:${process.env.PATH}`;
  return run([
    ...["env", `--chdir=${workspace}`, path, `HOME=${workspace}`, "NO_COLOR=1", ...who],
    ...["sh", "-ec", here(command)],
  ]);
};

const expectCode = ({ code, stdout, stderr }: CommandResult, wanted: number): void => {
  expect(code, `${stdout}\n${stderr}`).toBe(wanted);
};

beforeAll(async () => {
  symlinkSync(join(ROOT, "playbooks"), join(workspace, "playbooks"));
  mkdirSync(join(workspace, "inventory"));
  cpSync(join(ROOT, "inventory/centos7"), join(workspace, "inventory/centos7"), { recursive: true });
  mkdirSync(join(workspace, "bin"));
  const program = (name: string, command: string): void => {
    write(`bin/${name}`, `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(join(workspace, "bin", name), 0o755);
  };
  const { paths } = lab.site();
  const config = page.files.find(({ language }) => language === "ssh-config")?.text ?? "";
  write(
    "ssh-config",
    `${here(config)}Host *\n  IdentityFile ${paths.key}\n  UserKnownHostsFile ${paths.knownHosts}\n`,
  );
  program("lbplay", `${process.execPath} ${PROGRAM}`);
  program("ssh", `/usr/bin/ssh -F ${join(workspace, "ssh-config")}`);
  mkdirSync(join(workspace, "servers"));
  write("servers/site.yaml", SERVERS);
  symlinkSync(join(ROOT, "playbooks/scenarios/roles"), join(workspace, "servers/roles"));
  const web = await runEvents([join(workspace, "servers/site.yaml"), "-i", lab.inventoryFile()]);
  expect({ code: web.code, stderr: web.stderr }).toEqual({ code: 0, stderr: "" });
}, 600_000);

/** The servers that are there already. */
const SERVERS = `- hosts: web
  become: true
  vars: { member_sites: [{ name: www, port: 80 }, { name: wwws, port: 443, tls: true }] }
  tasks:
    - import_role: { name: member, tasks_from: certificate }
    - import_role: { name: member }
`;

it("has a step for every command of the page, and no other", () => {
  expect(page.blocks.map(({ command }) => command)).toEqual(steps.map(({ command }) => command));
});

describe("the page", () => {
  const blocks = page.blocks.map((block, index) => ({
    ...block,
    title: titleOf(block, index),
    step: steps[index],
  }));
  it.each(blocks)("$title", { timeout: 900_000 }, async ({ command, seen, step }) => {
    expect(step?.command).toBe(command);
    await step?.before?.();
    const finished = await sh(command);
    expectCode(finished, step?.code ?? 0);
    const output = `${finished.stdout}\n${finished.stderr}`;
    expect(missingLine(seen.map(here), output), output).toBeNull();
    await step?.after?.();
  });
});

function titleOf({ section, command }: PageBlock, index: number): string {
  return `${index + 1}: ${section}: ${command.split("\n")[0]}`;
}
