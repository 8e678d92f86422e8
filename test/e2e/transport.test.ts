import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { secret } from "../../src/core/secret.ts";
import { type Become, type Connection, type NodeAddress, TransportError } from "../../src/core/transport.ts";
import { OPERATOR_PASSWORD } from "../../src/lab/image.ts";
import { connect } from "../../src/transport/connect.ts";
import { createKeyRing } from "../../src/transport/identity.ts";
import { withLab } from "./lab-fixture.ts";

const lab = withLab({ name: "transport", nodes: ["lb1", "lb2"] });

const address = (user: string, over: Partial<NodeAddress> = {}): NodeAddress => ({
  name: "lb1",
  connection: "ssh",
  host: lab.address("lb1"),
  port: 22,
  user,
  password: null,
  privateKeyFile: lab.site().paths.key,
  passphrase: null,
  knownHostsFiles: [lab.site().paths.knownHosts],
  hostKeyChecking: "strict",
  sshArgs: ["-F", "none"],
  connectTimeoutMs: 10_000,
  ...over,
});

const open = (node: NodeAddress): Promise<Connection> =>
  connect(node, {
    nonce: () => randomBytes(16).toString("hex"),
    environment: { PATH: process.env.PATH },
    keys: createKeyRing(),
  });

const sudo = (over: Partial<Become> = {}): Become => ({
  method: "sudo",
  user: "root",
  password: null,
  exe: null,
  flags: [],
  ...over,
});

const operatorPassword = secret(OPERATOR_PASSWORD);

/** What a script says as that user (with a large standard input, too), or the fault. */
const runAs = async (node: NodeAddress, become: Become | null): Promise<readonly string[]> => {
  const connection = await open(node);
  try {
    const shell = await connection.shell(become);
    const who = await shell.exec({ script: 'echo "$(id -un) $HOME"', timeoutMs: 20_000 });
    const upload = { script: "id -un; wc -c | tr -d ' '", stdin: Buffer.alloc(400_000), timeoutMs: 20_000 };
    return [who, await shell.exec(upload)].map((result) => result.stdout.toString());
  } catch (error) {
    if (error instanceof TransportError) return [error.fault, error.message];
    throw error;
  } finally {
    await connection.close();
  }
};

describe.each(["ssh", "openssh"] as const)("over %s, on a real node", (connection) => {
  const label = (user: string): string => `${user}@${lab.address("lb1")}:22`;

  it("becomes root by sudo, with and without a password, and by su", async () => {
    const admin = address("admin", { connection });
    const operator = address("operator", { connection });
    const asRoot = ["root /root\n", "root\n400000\n"];
    const results = [
      await runAs(admin, sudo()),
      await runAs(admin, sudo({ password: secret("not asked for") })),
      await runAs(operator, sudo({ password: operatorPassword })),
      await runAs(address("root", { connection }), sudo()),
      await runAs(address("root", { connection }), sudo({ method: "su", user: "admin" })),
      await runAs(admin, sudo({ method: "su", user: "operator", password: operatorPassword })),
    ];
    expect(results).toEqual([
      asRoot,
      asRoot,
      asRoot,
      asRoot,
      ["admin /home/admin\n", "admin\n400000\n"],
      ["operator /home/operator\n", "operator\n400000\n"],
    ]);
  });

  it("says what is wrong with a sudo that gives no shell", async () => {
    await lab.output(
      "lb1",
      "id stranger 2>/dev/null || useradd -m -s /bin/sh stranger; echo stranger:known | chpasswd",
    );
    await lab.output(
      "lb1",
      "rm -rf ~stranger/.ssh; cp -r ~admin/.ssh ~stranger/ && chown -R stranger: ~stranger/.ssh",
    );
    const operator = address("operator", { connection });
    const results = [
      await runAs(operator, sudo()),
      await runAs(operator, sudo({ password: secret("wrong") })),
      await runAs(address("stranger", { connection }), sudo({ password: secret("known") })),
      await runAs(address("admin", { connection }), sudo({ user: "ghost" })),
      await runAs(
        address("admin", { connection }),
        sudo({ method: "su", user: "operator", password: secret("wrong") }),
      ),
    ];
    expect(results).toEqual([
      [
        "become-password",
        `${label("operator")} (sudo root): sudo to root needs a password and none was given`,
      ],
      ["become-password", `${label("operator")}: the sudo password is wrong`],
      ["become-denied", `${label("stranger")}: sudo to root: stranger is not in the sudoers file.`],
      ["become-denied", `${label("admin")} (sudo ghost): sudo to ghost: there is no user ghost`],
      ["become-password", `${label("admin")}: the su password is wrong`],
    ]);
  });

  it("ends what it runs as root when the connection is closed", async () => {
    const opened = await open(address("operator", { connection }));
    const shell = await opened.shell(sudo({ password: operatorPassword }));
    const mark = `6${Math.floor(Math.random() * 1e6)}`;
    const running = shell.exec({ script: `sleep ${mark}`, timeoutMs: null }).catch((error: unknown) => error);
    const processes = async (): Promise<string> =>
      (await lab.exec("lb1", `pgrep -fc '^sleep ${mark}'`)).stdout.trim();
    await expect.poll(processes, { timeout: 10_000 }).toBe("1");
    await opened.close();
    expect(await running).toMatchObject({ fault: "lost" });
    await expect.poll(processes, { timeout: 10_000 }).toBe("0");
  });

  it("loses a node whose sshd is killed, and notices within the keepalive's limit that a cable is out", async () => {
    const [first, second] = [
      await open(address("root", { connection })),
      await open(address("root", { connection })),
    ];
    try {
      const [one, two] = [await first.shell(null), await second.shell(null)];
      const running = one
        .exec({ script: "kill -9 $PPID; sleep 20", timeoutMs: null })
        .catch((error: unknown) => error);
      expect(await running).toMatchObject({ fault: "lost" });
      const started = Date.now();
      const silent = two.exec({ script: "sleep 300", timeoutMs: null }).catch((error: unknown) => error);
      await lab.pullCable("lb1");
      expect(await silent).toMatchObject({ fault: "lost" });
      expect(Date.now() - started).toBeLessThan(60_000);
      const unreachable = await open(address("root", { connection, connectTimeoutMs: 2_000 })).catch(
        (error: unknown) => error,
      );
      expect(unreachable).toBeInstanceOf(TransportError);
    } finally {
      await lab.plugCable("lb1");
      await Promise.all([first.close(), second.close()]);
    }
  });

  it("reaches a node through another one", async () => {
    const { key, knownHosts } = lab.site().paths;
    const bastion = `ProxyCommand=ssh -F none -i ${key} -o UserKnownHostsFile=${knownHosts} -W %h:%p root@${lab.address("lb2")}`;
    const sshArgs =
      connection === "ssh"
        ? ["-F", "none", "-J", `root@${lab.address("lb2")}`]
        : ["-F", "none", "-o", bastion];
    expect(await runAs(address("admin", { connection, sshArgs }), null)).toEqual([
      "admin /home/admin\n",
      "admin\n400000\n",
    ]);
  });
});
