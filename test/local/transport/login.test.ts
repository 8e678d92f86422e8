import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { secret } from "../../../src/core/secret.ts";
import {
  failure,
  newKey,
  outcome,
  startServer,
  testContext,
  withServer,
  write,
} from "../../unit/transport/nodes.ts";

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
