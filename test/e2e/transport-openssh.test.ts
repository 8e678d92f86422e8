import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { secret } from "../../src/core/secret.ts";
import { type NodeAddress, TransportError } from "../../src/core/transport.ts";
import { connect } from "../../src/transport/connect.ts";
import {
  freePort,
  newKey,
  type StartedNode,
  startServer,
  testContext,
  withConnection,
  withDirectory,
} from "../unit/transport/nodes.ts";
import { startSshd } from "./sshd.ts";

const faultOf = async (address: NodeAddress, environment = {}): Promise<string> => {
  try {
    return await withConnection(address, async () => "connected", testContext(environment));
  } catch (error) {
    if (error instanceof TransportError) return error.fault;
    throw error;
  }
};

describe("the system's ssh", () => {
  let node: StartedNode | null = null;
  beforeAll(async () => {
    node = await startSshd();
  });
  afterAll(() => node?.stop());

  const address = (over: Partial<NodeAddress> = {}): NodeAddress => {
    if (node === null) throw new Error("the node was not started");
    return { ...node.address, connection: "openssh", ...over };
  };
  const directory = (): string => dirname(address().privateKeyFile ?? "");
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory(), name), text, { mode: 0o600 });
    return join(directory(), name);
  };

  it("refuses unknown and changed host keys, and stores a first one on request", async () => {
    const port = address().port;
    const other = await file("changed", `[127.0.0.1]:${port} ${newKey().public}\n`);
    const fresh = join(directory(), "fresh");
    const faults = [
      await faultOf(address({ knownHostsFiles: [fresh] })),
      await faultOf(address({ knownHostsFiles: [other] })),
      await faultOf(address({ knownHostsFiles: [other], hostKeyChecking: "accept-new" })),
      await faultOf(address({ knownHostsFiles: [fresh], hostKeyChecking: "accept-new" })),
      await faultOf(address({ knownHostsFiles: [fresh] })),
    ];
    expect(faults).toEqual([
      "host-key-unknown",
      "host-key-changed",
      "host-key-changed",
      "connected",
      "connected",
    ]);
    expect(await readFile(fresh, "utf8")).toContain("ssh-ed25519");
  });

  it("says refused keys, refused connections, silence and unknown names apart", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const listening = silent.address();
    if (listening === null || typeof listening === "string") throw new Error("no port");
    const stranger = await file("stranger", newKey().private);
    try {
      const faults = [
        await faultOf(
          address({ privateKeyFile: stranger, sshArgs: ["-F", "none", "-o", "IdentitiesOnly=yes"] }),
        ),
        await faultOf(address({ port: await freePort() })),
        await faultOf(address({ port: listening.port, connectTimeoutMs: 300 })),
        await faultOf(address({ host: "no-such-host.invalid" })),
        await faultOf(address(), { PATH: "/nonexistent" }),
      ];
      expect(faults).toEqual(["authentication", "refused", "timeout", "unresolved", "unsupported"]);
    } finally {
      silent.close();
    }
  });

  it("leaves no directory or socket behind, whether it connected or not", async () => {
    await withDirectory(async (place) => {
      vi.stubEnv("TMPDIR", place);
      try {
        const used = await withConnection(address(), async () => readdirSync(place).length);
        const refused = await faultOf(address({ port: await freePort() }));
        expect([used, refused, readdirSync(place)]).toEqual([1, "refused", []]);
      } finally {
        vi.unstubAllEnvs();
      }
    });
  });

  it("gives a password without asking and without showing it", async () => {
    const served = await startServer({ password: "open 'sesame\" \\", authorized: [] });
    const login = { ...served.address, connection: "openssh", privateKeyFile: null } as const;
    try {
      const faults = [
        await faultOf({ ...login, password: secret("open 'sesame\" \\") }),
        await faultOf({ ...login, password: secret("wrong") }),
        await faultOf(login),
      ];
      expect(faults).toEqual(["connected", "authentication", "authentication"]);
    } finally {
      await served.stop();
    }
  });

  it("says lost when the server goes away", async () => {
    const served = await startServer();
    const connection = await connect({ ...served.address, connection: "openssh" }, testContext());
    try {
      const shell = await connection.shell(null);
      const result = shell.exec({ script: "sleep 20", timeoutMs: null }).catch((error: unknown) => error);
      setTimeout(served.server.kill, 200);
      expect(await result).toMatchObject({ fault: "lost" });
      const again = connection.shell(null).then((opened) => opened.exec({ script: "true", timeoutMs: null }));
      await expect(again).rejects.toMatchObject({ fault: "lost" });
    } finally {
      await connection.close();
      await served.stop();
    }
  });
});
