import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/transport/known-hosts.ts";
import { failure, newKey, outcome, startServer, withServer, write } from "../../unit/transport/nodes.ts";

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

  it("says so where a first key cannot be kept, instead of trusting each time anew", async () => {
    await withServer(async (node) => {
      const file = join(write(node, "in-the-way", ""), "known_hosts");
      const address = { ...node.address, knownHostsFiles: [file] } as const;
      expect(await outcome({ ...address, hostKeyChecking: "accept-new" })).toBe("host-key-unknown");
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
