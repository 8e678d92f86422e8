import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { secret } from "../../../src/core/secret.ts";
import { TransportError } from "../../../src/core/transport.ts";
import { type ConnectContext, connect, type NodeAddress } from "../../../src/transport/connect.ts";
import { fingerprint } from "../../../src/transport/known-hosts.ts";
import {
  freePort,
  newKey,
  type ServedNode,
  startServer,
  testAddress,
  testContext,
  withConnection,
  withServer,
} from "./nodes.ts";

/** "connected", or the fault. */
const outcome = async (address: NodeAddress, context: ConnectContext = testContext()): Promise<string> => {
  try {
    return await withConnection(
      address,
      async (connection) => {
        const shell = await connection.shell(null);
        return (await shell.exec({ script: "echo connected", timeoutMs: 10_000 })).stdout.toString().trim();
      },
      context,
    );
  } catch (error) {
    if (error instanceof TransportError) return error.fault;
    throw error;
  }
};

const failure = async (address: NodeAddress, context = testContext()): Promise<TransportError> => {
  const error = await connect(address, context).then(
    (connection) => connection.close().then(() => null),
    (thrown: unknown) => thrown,
  );
  if (error instanceof TransportError) return error;
  throw new Error("it connected", { cause: error });
};

const write = (node: ServedNode, name: string, text: string): string => {
  const file = join(node.directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

describe("host keys", () => {
  it("refuses an unknown key before any login, with its fingerprint and the command that adds it", async () => {
    await withServer(async (node) => {
      const file = write(node, "empty", "");
      const error = await failure({ ...node.address, knownHostsFiles: [file] });
      const port = node.server.port;
      expect([error.fault, error.message, error.hint, node.server.logins()]).toEqual([
        "host-key-unknown",
        `${node.address.user}@127.0.0.1:${port}: the host key is not known: ssh-ed25519 ${fingerprint(node.hostKey.wire)} is not in ${file}`,
        "compare the fingerprint with what `ssh-keygen -lf` says of /etc/ssh/ssh_host_*.pub on its console; " +
          `if it is the same: ssh-keyscan -t ssh-ed25519 -p ${port} 127.0.0.1 >> ${file}`,
        [],
      ]);
    });
  });

  it("refuses a changed key, naming both fingerprints, the line, and the commands for a rebuilt node", async () => {
    await withServer(async (node) => {
      const [other, port] = [newKey(), node.server.port];
      const file = write(node, "other", `# first\n[127.0.0.1]:${port} ${other.public}\n`);
      const error = await failure({ ...node.address, knownHostsFiles: [file] });
      expect([error.fault, error.message, error.hint, node.server.logins()]).toEqual([
        "host-key-changed",
        `${node.address.user}@127.0.0.1:${port}: the host key has changed: known is ssh-ed25519 ${fingerprint(other.wire)} (${file}:2), ` +
          `the host now presents ssh-ed25519 ${fingerprint(node.hostKey.wire)}; someone may be in between`,
        "if the node was rebuilt, compare the fingerprint with what `ssh-keygen -lf` says of /etc/ssh/ssh_host_*.pub on its console; " +
          `then: ssh-keygen -R '[127.0.0.1]:${port}' -f ${file} && ssh-keyscan -t ssh-ed25519 -p ${port} 127.0.0.1 >> ${file}`,
        [],
      ]);
    });
  });

  it("refuses a changed key also with accept-new, and leaves the file alone", async () => {
    await withServer(async (node) => {
      const text = `[127.0.0.1]:${node.server.port} ${newKey().public}\n`;
      const address = { ...node.address, knownHostsFiles: [write(node, "other", text)] };
      expect(await outcome({ ...address, hostKeyChecking: "accept-new" })).toBe("host-key-changed");
      expect(readFileSync(join(node.directory, "other"), "utf8")).toBe(text);
    });
  });

  it("stores a first key with accept-new, in a private file, and is strict from then on", async () => {
    await withServer(async (node) => {
      const file = join(node.directory, "new", "known_hosts");
      const address = { ...node.address, knownHostsFiles: [file, "/nonexistent"] } as const;
      const before = await outcome(address);
      const first = await outcome({ ...address, hostKeyChecking: "accept-new" });
      const again = await outcome({ ...address, hostKeyChecking: "accept-new" });
      expect([before, first, again, await outcome(address)]).toEqual([
        "host-key-unknown",
        "connected",
        "connected",
        "connected",
      ]);
      expect(readFileSync(file, "utf8")).toBe(`[127.0.0.1]:${node.server.port} ${node.hostKey.public}\n`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    });
  });

  it("appends to a file whose last line is not ended", async () => {
    await withServer(async (node) => {
      const file = write(node, "open-end", "# note");
      await outcome({ ...node.address, knownHostsFiles: [file], hostKeyChecking: "accept-new" });
      expect(readFileSync(file, "utf8")).toBe(
        `# note\n[127.0.0.1]:${node.server.port} ${node.hostKey.public}\n`,
      );
    });
  });

  it("asks for the type on file, though the server would rather show another", async () => {
    const ed25519 = newKey();
    const directoryNode = await startServer();
    try {
      const rsaFile = join(directoryNode.directory, "rsa");
      execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsaFile]);
      await withServer(
        async (node) => {
          const [type, base64] = readFileSync(`${rsaFile}.pub`, "utf8").split(" ");
          const file = write(node, "rsa-only", `[127.0.0.1]:${node.server.port} ${type} ${base64}\n`);
          expect(await outcome({ ...node.address, knownHostsFiles: [file] })).toBe("connected");
        },
        { hostKeys: [ed25519.private, readFileSync(rsaFile, "utf8")] },
      );
    } finally {
      await directoryNode.stop();
    }
  });

  it("names the openssh connection for a host that only an authority vouches for", async () => {
    await withServer(async (node) => {
      const file = write(node, "ca", `@cert-authority [127.0.0.1]:* ${newKey().public}\n`);
      const error = await failure({ ...node.address, knownHostsFiles: [file] });
      expect([error.fault, error.hint]).toEqual([
        "unsupported",
        "set ansible_connection: openssh for this host",
      ]);
    });
  });

  it("refuses a revoked key", async () => {
    await withServer(async (node) => {
      const name = `[127.0.0.1]:${node.server.port}`;
      const file = write(
        node,
        "revoked",
        `${name} ${node.hostKey.public}\n@revoked * ${node.hostKey.public}\n`,
      );
      expect(await outcome({ ...node.address, knownHostsFiles: [file] })).toBe("host-key-changed");
    });
  });

  it("asks for nothing when checking is off", async () => {
    await withServer(async (node) => {
      expect(await outcome({ ...node.address, knownHostsFiles: [], hostKeyChecking: "off" })).toBe(
        "connected",
      );
    });
  });
});

describe("logging in", () => {
  it.each([false, true])(
    "works with a password (keyboard-interactive: %s), and says when it is wrong",
    async (interactive) => {
      await withServer(
        async (node) => {
          const address = {
            ...node.address,
            privateKeyFile: null,
            sshArgs: ["-F", "none", "-o", "IdentityFile=none"],
          };
          const right = await outcome({ ...address, password: secret("open 'sesame\" \\") });
          const wrong = await failure({ ...address, password: secret("sesame") });
          expect([right, wrong.fault, wrong.message]).toEqual([
            "connected",
            "authentication",
            `${address.user}@127.0.0.1:${node.server.port}: login failed: it refused the password`,
          ]);
          expect(`${wrong.message}${wrong.hint}`).not.toContain("sesame ");
        },
        { password: "open 'sesame\" \\", interactive, authorized: [] },
      );
    },
  );

  it("decrypts a key with its passphrase, once for all connections", async () => {
    const key = newKey("pass phrase");
    await withServer(
      async (node) => {
        const file = write(node, "encrypted", key.private);
        const address = { ...node.address, privateKeyFile: file, passphrase: secret("pass phrase") };
        const context = testContext();
        const first = await outcome(address, context);
        writeFileSync(file, "gone");
        expect([first, await outcome(address, context)]).toEqual(["connected", "connected"]);
      },
      { authorized: [key.wire] },
    );
  });

  it.each([
    [null, "is encrypted and no passphrase was given"],
    ["wrong", "the passphrase of the key"],
  ])("says why an encrypted key was not offered (passphrase: %s)", async (passphrase, reason) => {
    await withServer(async (node) => {
      const privateKeyFile = write(node, "encrypted", newKey("right").private);
      const given = passphrase === null ? null : secret(passphrase);
      const error = await failure({ ...node.address, privateKeyFile, passphrase: given });
      expect([error.fault, error.message.includes(reason)]).toEqual(["authentication", true]);
    });
  });

  it("says which key was refused, and which file cannot be read", async () => {
    await withServer(async (node) => {
      const privateKeyFile = write(node, "stranger", newKey().private);
      const stranger = await failure({ ...node.address, privateKeyFile });
      const missing = await failure({ ...node.address, privateKeyFile: "/nonexistent/id" });
      expect([stranger.fault, missing.fault]).toEqual(["authentication", "authentication"]);
      expect(stranger.message).toContain(`login failed: it refused the key ${privateKeyFile}`);
      expect(missing.message).toContain("the key cannot be read: ENOENT");
    });
  });

  it("names the openssh connection when a key or certificate is beyond ssh2", async () => {
    await withServer(async (node) => {
      const unusable = write(
        node,
        "security-key",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
      );
      const [beyond, certified] = [write(node, "certified", newKey().private), "certified-cert.pub"];
      write(node, certified, "ssh-ed25519-cert-v01@openssh.com AAAA\n");
      const errors = [
        await failure({ ...node.address, privateKeyFile: unusable }),
        await failure({ ...node.address, privateKeyFile: beyond }),
      ];
      expect(errors.map((error) => [error.fault, error.hint])).toEqual([
        [
          "unsupported",
          "set ansible_connection: openssh for this host: it knows certificates and security keys",
        ],
        [
          "authentication",
          "set ansible_connection: openssh for this host: it knows certificates and security keys",
        ],
      ]);
    });
  });

  it.skipIf(!existsSync("/usr/bin/ssh-agent"))(
    "takes keys from an agent, with IdentitiesOnly just those named",
    async () => {
      const node = await startServer();
      const socket = join(node.directory, "agent");
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      try {
        await expect.poll(() => existsSync(socket)).toBe(true);
        const id = join(node.directory, "id");
        execFileSync("ssh-add", ["-q", id], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          stdio: "ignore",
        });
        writeFileSync(join(node.directory, "named.pub"), execFileSync("ssh-keygen", ["-y", "-f", id]));
        chmodSync(id, 0o000);
        const context = testContext({ SSH_AUTH_SOCK: socket });
        const only = ["-F", "none", "-o", "IdentitiesOnly=yes"];
        const [named, unnamed] = [join(node.directory, "named"), join(node.directory, "unnamed")];
        const outcomes = [
          await outcome({ ...node.address, privateKeyFile: unnamed }, context),
          await outcome({ ...node.address, privateKeyFile: named, sshArgs: only }, context),
          await outcome({ ...node.address, privateKeyFile: unnamed, sshArgs: only }, context),
          await outcome(
            { ...node.address, privateKeyFile: unnamed },
            testContext({ SSH_AUTH_SOCK: "/nonexistent" }),
          ),
        ];
        expect(outcomes).toEqual(["connected", "connected", "authentication", "authentication"]);
      } finally {
        agent.kill();
        await node.stop();
      }
    },
  );
});

describe("reaching", () => {
  it("says refused, timeout, unresolved and handshake failures apart", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const rude = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    try {
      const started = Date.now();
      const errors = [
        await failure(testAddress({ port: await freePort() })),
        await failure(testAddress({ port: portOf(silent), connectTimeoutMs: 300 })),
        await failure(testAddress({ port: 22, host: "no-such-host.invalid" })),
        await failure(testAddress({ port: portOf(rude) })),
      ];
      expect(errors.map((error) => error.fault)).toEqual(["refused", "timeout", "unresolved", "lost"]);
      expect(errors[1]?.message).toMatch(/^\S+@127\.0\.0\.1:\d+: no SSH handshake within 300 ms$/);
      expect(Date.now() - started).toBeLessThan(8_000);
    } finally {
      silent.close();
      rude.close();
    }
  });

  it("goes through bastions, each with its own key, login and known host", async () => {
    const [outer, inner, node] = [await startServer(), await startServer(), await startServer()];
    const bastion = (name: string, { address }: ServedNode): string =>
      [
        `Host ${name}`,
        "  HostName 127.0.0.1",
        `  Port ${address.port}`,
        `  IdentityFile ${address.privateKeyFile}`,
        `  UserKnownHostsFile ${address.knownHostsFiles?.[0]}`,
        "",
      ].join("\n");
    try {
      const config = write(node, "config", `${bastion("outer", outer)}${bastion("inner", inner)}`);
      const args = ["-F", config, "-o", "ProxyJump=outer,inner"];
      const result = await outcome({ ...node.address, sshArgs: args });
      const logins = [outer, inner, node].map(({ server }) => server.logins().length);
      await inner.server.close();
      const broken = await failure({ ...node.address, sshArgs: args });
      expect([result, logins, broken.fault]).toEqual(["connected", [1, 1, 1], "refused"]);
      expect(broken.message).toContain("the bastion cannot reach it");
    } finally {
      await Promise.all([outer, inner, node].map(({ stop }) => stop()));
    }
  });

  it("stops at a bastion that is reached through itself", async () => {
    await withServer(async (node) => {
      const config = write(node, "config", "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n");
      const error = await failure({ ...node.address, sshArgs: ["-F", config, "-J", "a"] });
      expect([error.fault, error.message]).toEqual([
        "unsupported",
        "the ProxyJump of a leads back to itself",
      ]);
    });
  });

  it("takes port, user and host name from ssh's configuration, and lets the inventory win", async () => {
    await withServer(async (node) => {
      const lines = ["Host web", "  HostName 127.0.0.1", `  Port ${node.server.port}`, "  User someone", ""];
      const sshArgs = ["-F", write(node, "config", lines.join("\n"))];
      const named = { ...node.address, host: "web", port: null, user: null, sshArgs };
      const labels = await Promise.all(
        [named, { ...named, user: "other" }].map((address) =>
          withConnection(address, async ({ label }) => label),
        ),
      );
      expect(labels).toEqual([
        `someone@127.0.0.1:${node.server.port}`,
        `other@127.0.0.1:${node.server.port}`,
      ]);
    });
  });

  it("names the openssh connection for a ProxyCommand", async () => {
    const sshArgs = ["-F", "none", "-o", "ProxyCommand=nc %h %p"];
    const error = await failure(testAddress({ port: 22, sshArgs }));
    expect([error.fault, error.hint]).toEqual([
      "unsupported",
      "use ProxyJump instead, or set ansible_connection: openssh for this host",
    ]);
  });
});

describe("losing", () => {
  it("rejects the running command and all behind it when the server dies", async () => {
    await withServer(async (node) => {
      await withConnection(node.address, async (connection) => {
        const shell = await connection.shell(null);
        await shell.exec({ script: "true", timeoutMs: null });
        const pending = [
          shell.exec({ script: "printf half; sleep 20", timeoutMs: null }),
          shell.exec({ script: "cat", stdin: Buffer.alloc(300_000), timeoutMs: null }),
          shell.exec({ script: "echo never", timeoutMs: null }),
        ].map((result) => result.catch((error: unknown) => error));
        setTimeout(node.server.kill, 100);
        const errors = await Promise.all(pending);
        const label = `${node.address.user}@127.0.0.1:${node.server.port}`;
        expect(errors).toEqual(
          [0, 1, 2].map(() =>
            expect.objectContaining({
              fault: "lost",
              message: expect.stringMatching(
                new RegExp(`^${label}: the connection was lost while a command was running`),
              ),
            }),
          ),
        );
      });
    });
  });

  it("starts no script whose standard input arrived only in part", async () => {
    await withServer(async (node) => {
      const trace = join(node.directory, "ran");
      const connection = await connect(node.address, testContext());
      const shell = await connection.shell(null);
      const script = `touch ${trace}; cat >/dev/null`;
      const upload = shell
        .exec({ script, stdin: Buffer.alloc(50_000_000), timeoutMs: null })
        .catch((error: unknown) => error);
      setTimeout(node.server.kill, 150);
      expect(await upload).toMatchObject({ fault: "lost" });
      await connection.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(existsSync(trace)).toBe(false);
    });
  });

  it("closes at once, twice, and with nothing opened", async () => {
    await withServer(async (node) => {
      const connection = await connect(node.address, testContext());
      const started = Date.now();
      await Promise.all([connection.close(), connection.close()]);
      await connection.close();
      expect(Date.now() - started).toBeLessThan(1_500);
      await expect(connection.shell(null)).rejects.toMatchObject({ fault: "lost" });
    });
  });
});

const portOf = (server: ReturnType<typeof createServer>): number => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
};
