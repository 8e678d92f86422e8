import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect } from "../../../src/transport/connect.ts";
import {
  failure,
  freePort,
  outcome,
  type ServedNode,
  startServer,
  testAddress,
  testContext,
  withConnection,
  withServer,
  write,
} from "../../unit/transport/nodes.ts";

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
