import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { type Connection, type NodeAddress, TransportError } from "../../../src/core/transport.ts";
import { type ConnectContext, connect } from "../../../src/transport/connect.ts";
import { createKeyRing } from "../../../src/transport/identity.ts";
import { type ServerRules, type SshServer, startSshServer } from "./ssh-server.ts";

/** A key pair as files hold it. */
export interface KeyPair {
  readonly private: string;
  /** `type base64`. */
  readonly public: string;
  /** The public key in wire format. */
  readonly wire: Buffer;
}

/** A fresh ed25519 pair, encrypted where a passphrase is given. */
export const newKey = (passphrase: string | null = null): KeyPair => {
  const pair = ssh2.utils.generateKeyPairSync(
    "ed25519",
    passphrase === null ? {} : { passphrase, cipher: "aes256-ctr", rounds: 4 },
  );
  // ssh2 writes one pair in 250 in a way that neither it nor OpenSSH reads.
  if (ssh2.utils.parseKey(pair.private, passphrase ?? undefined) instanceof Error) return newKey(passphrase);
  const [type = "", base64 = ""] = pair.public.split(" ");
  return { private: pair.private, public: `${type} ${base64}`, wire: Buffer.from(base64, "base64") };
};

/** A directory that goes with the test. */
export const withDirectory = async <T>(use: (directory: string) => Promise<T>): Promise<T> => {
  const directory = await newDirectory();
  try {
    return await use(directory);
  } finally {
    await removeDirectory(directory);
  }
};

/** A directory that whoever asks for it removes. */
export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "lbplay-test-"));
/** Removes it. */
export const removeDirectory = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

/** Context for tests: a true random nonce, no agent, no keys of the developer. */
export const testContext = (
  environment: Readonly<Record<string, string | undefined>> = {},
): ConnectContext => ({
  nonce: () => randomBytes(16).toString("hex"),
  environment: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
  keys: createKeyRing(),
});

/** An address on loopback, strict, with nothing to log in; override what a test is about. */
export const testAddress = (over: Partial<NodeAddress> & Pick<NodeAddress, "port">): NodeAddress => ({
  name: "node",
  connection: "ssh",
  host: "127.0.0.1",
  user: userInfo().username,
  password: null,
  privateKeyFile: "/nonexistent/key",
  passphrase: null,
  knownHostsFiles: [],
  hostKeyChecking: "strict",
  sshArgs: ["-F", "none"],
  connectTimeoutMs: 10_000,
  ...over,
});

/** A running node that can be logged in to. */
export interface StartedNode {
  readonly address: NodeAddress;
  readonly stop: () => Promise<void>;
}

/** An in-process server, its host key on file, and an address that may log in there. */
export interface ServedNode extends StartedNode {
  readonly server: SshServer;
  /** Holds `id`, a key that may log in, and `known_hosts`. */
  readonly directory: string;
  readonly hostKey: KeyPair;
}

/** Starts an in-process server. */
export const startServer = async (over: Partial<ServerRules> = {}): Promise<ServedNode> => {
  const directory = await newDirectory();
  const [hostKey, userKey] = [newKey(), newKey()];
  const rules = {
    hostKeys: [hostKey.private],
    password: null,
    interactive: false,
    authorized: [userKey.wire],
  };
  const server = await startSshServer({ ...rules, ...over });
  const [id, known] = [join(directory, "id"), join(directory, "known_hosts")];
  await writeFile(id, userKey.private, { mode: 0o600 });
  await writeFile(known, `[127.0.0.1]:${server.port} ${hostKey.public}\n`);
  const address = testAddress({ port: server.port, privateKeyFile: id, knownHostsFiles: [known] });
  const stop = async (): Promise<void> => {
    await server.close();
    await removeDirectory(directory);
  };
  return { server, address, directory, hostKey, stop };
};

/** Runs with an in-process server; everything is gone afterwards. */
export const withServer = async <T>(
  use: (node: ServedNode) => Promise<T>,
  over: Partial<ServerRules> = {},
): Promise<T> => {
  const node = await startServer(over);
  try {
    return await use(node);
  } finally {
    await node.stop();
  }
};

/** Runs with a connection and closes it. */
export const withConnection = async <T>(
  address: NodeAddress,
  use: (connection: Connection) => Promise<T>,
  context: ConnectContext = testContext(),
): Promise<T> => {
  const connection = await connect(address, context);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
};

/** "connected", or the fault. */
export const outcome = async (
  address: NodeAddress,
  context: ConnectContext = testContext(),
): Promise<string> => {
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

/** The fault of a node that must not be reached. */
export const failure = async (address: NodeAddress, context = testContext()): Promise<TransportError> => {
  const error = await connect(address, context).then(
    (connection) => connection.close().then(() => null),
    (thrown: unknown) => thrown,
  );
  if (error instanceof TransportError) return error;
  throw new Error("it connected", { cause: error });
};

/** Writes a private file beside the node's keys. */
export const write = (node: ServedNode, name: string, text: string): string => {
  const file = join(node.directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

/** A port that nobody listens on at the moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
