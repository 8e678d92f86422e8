import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { TransportError } from "../core/transport.ts";
import { type Authentication, createAuthHandler } from "./authentication.ts";
import type { Channel, Link } from "./channel.ts";
import type { HostKeyCheck } from "./host-key.ts";
import { DRAIN_MS } from "./process-channel.ts";

/** One host on the way: a bastion or the node itself. */
export interface SshTarget {
  /** `user@host:port`: for messages. */
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly addressFamily: 0 | 4 | 6;
  readonly hostKey: HostKeyCheck;
  readonly authentication: Authentication;
  readonly timeoutMs: number;
  /** Socket of an agent to lend to the node (ForwardAgent); null for none. */
  readonly forwardedAgent: string | null;
}

const KEEPALIVE_MS = 10_000;
const KEEPALIVE_COUNT = 3;

/** Connects through the bastions (if any, outermost first) to the node, which is the last target. */
export const createSshLink = async (targets: readonly SshTarget[]): Promise<Link> => {
  const node = targets.at(-1);
  if (node === undefined) throw new Error("a connection needs a target");
  const clients: Client[] = [];
  let fault: Error | null = null;
  const end = (): void => {
    for (const client of [...clients].reverse()) client.destroy();
  };
  try {
    for (const target of targets) {
      const through = clients.at(-1);
      const socket = through === undefined ? await dial(target) : await forward(through, target);
      clients.push(
        await handshake(target, socket, (error) => {
          fault ??= error;
        }),
      );
    }
  } catch (error) {
    end();
    throw error;
  }
  const client = clients.at(-1);
  if (client === undefined) throw new Error("a connection needs a client");
  const close = async (): Promise<void> => {
    if (fault !== null) return end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_WAIT_MS);
      client.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      client.end();
    });
    end();
  };
  return {
    label: node.label,
    user: node.user,
    open: (command) => openChannel(client, node, command),
    fault: () => fault,
    close,
  };
};

/** How long the server may take to say goodbye. */
const CLOSE_WAIT_MS = 500;

/** Small packets must leave at once: with Nagle's algorithm each command would wait for the last one's acknowledgement. */
const dial = (target: SshTarget): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: target.host,
      port: target.port,
      family: target.addressFamily,
      noDelay: true,
    });
    const timer = setTimeout(() => fail(timedOut(target, "connection")), target.timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once("error", (error) => fail(dialError(target, error)));
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });

const forward = (through: Client, target: SshTarget): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(timedOut(target, "connection through the bastion")),
      target.timeoutMs,
    );
    through.forwardOut("127.0.0.1", 0, target.host, target.port, (error, channel) => {
      clearTimeout(timer);
      if (error === undefined) return resolve(channel);
      reject(
        new TransportError({
          fault: "refused",
          message: `${target.label}: the bastion cannot reach it: ${error.message}`,
          hint: "check the address as seen from the bastion, and AllowTcpForwarding there",
          cause: error,
        }),
      );
    });
  });

const handshake = (target: SshTarget, sock: Duplex, onFault: (error: Error) => void): Promise<Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const { hostKey } = target;
    let refused: TransportError | null = null;
    let presented: Buffer | null = null;
    let settled = false;
    const fail = (error: Error): void => {
      if (settled) {
        onFault(error);
        return;
      }
      settled = true;
      client.destroy();
      sock.destroy();
      reject(refused ?? handshakeError(target, error));
    };
    const ready = async (): Promise<void> => {
      if (settled) return;
      settled = true;
      if (presented !== null) await hostKey.remember(presented);
      resolve(client);
    };
    const config: ConnectConfig = {
      sock,
      username: target.user,
      readyTimeout: target.timeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      ...(target.forwardedAgent === null ? {} : { agent: target.forwardedAgent, agentForward: true }),
      algorithms: { serverHostKey: [...hostKeyAlgorithms(hostKey.types)] },
      authHandler: createAuthHandler(target.user, target.authentication),
      hostVerifier: (key: Buffer): boolean => {
        presented = key;
        refused = hostKey.verify(key);
        return refused === null;
      },
    };
    // Errors come more than once, and without a listener each would end the program.
    client.on("error", (error) => {
      if (error.level !== "agent") fail(error);
    });
    client.once("close", () => fail(new Error("the connection was closed by the host")));
    client.once("ready", () => ready().catch(reject));
    client.connect(config);
  });

const ALGORITHMS: readonly (readonly [type: string, algorithms: readonly ServerHostKeyAlgorithm[]])[] = [
  ["ssh-ed25519", ["ssh-ed25519"]],
  ["ecdsa-sha2-nistp256", ["ecdsa-sha2-nistp256"]],
  ["ecdsa-sha2-nistp384", ["ecdsa-sha2-nistp384"]],
  ["ecdsa-sha2-nistp521", ["ecdsa-sha2-nistp521"]],
  ["ssh-rsa", ["rsa-sha2-512", "rsa-sha2-256"]],
];

/** Those of the types on file first, so that a host is asked for the key that we know. */
const hostKeyAlgorithms = (types: readonly string[]): readonly ServerHostKeyAlgorithm[] => {
  const known = ALGORITHMS.filter(([type]) => types.includes(type));
  const others = ALGORITHMS.filter(([type]) => !types.includes(type));
  return [...known, ...others].flatMap(([, algorithms]) => algorithms);
};

const timedOut = (target: SshTarget, what: string): TransportError =>
  new TransportError({
    fault: "timeout",
    message: `${target.label}: no ${what} within ${target.timeoutMs} ms`,
    hint: "check that the node is up, its address, and that no firewall drops the port",
  });

const dialError = (target: SshTarget, error: Error): TransportError => {
  const code = "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new TransportError({
        fault: "unresolved",
        message: `${target.label}: the name ${target.host} has no address`,
        hint: "set ansible_host to an address, or mend DNS",
        cause: error,
      });
    case "ETIMEDOUT":
      return timedOut(target, "connection");
    case "ECONNREFUSED":
      return new TransportError({
        fault: "refused",
        message: `${target.label}: the connection was refused`,
        hint: "check that sshd runs there, and ansible_port",
        cause: error,
      });
    default:
      return new TransportError({
        fault: "refused",
        message: `${target.label}: cannot connect: ${error.message === "" ? code : error.message}`,
        hint: "check the address and the way to it",
        cause: error,
      });
  }
};

const handshakeError = (target: SshTarget, error: Error & { readonly level?: string }): TransportError => {
  if (error instanceof TransportError) return error;
  if (error.level === "client-timeout") return timedOut(target, "SSH handshake");
  if (error.level === "client-authentication") return refusedLogin(target, error);
  if (/no matching|Unsupported algorithm/i.test(error.message)) {
    return new TransportError({
      fault: "unsupported",
      message: `${target.label}: ${error.message}`,
      hint: "set ansible_connection: openssh for this host: the system's ssh knows more algorithms",
      cause: error,
    });
  }
  return new TransportError({
    fault: "lost",
    message: `${target.label}: the SSH handshake failed: ${error.message}`,
    hint: "check that an SSH server listens there, and its log",
    cause: error,
  });
};

const refusedLogin = (target: SshTarget, error: Error): TransportError => {
  const { offered, remarks, unsupported } = target.authentication;
  const tried =
    offered.length === 0 ? "there was nothing to log in with" : `it refused ${offered.join(", ")}`;
  return new TransportError({
    fault: unsupported && offered.length === 0 ? "unsupported" : "authentication",
    message: [`${target.label}: login failed: ${tried}`, ...remarks].join("; "),
    hint: unsupported
      ? "set ansible_connection: openssh for this host: it knows certificates and security keys"
      : `check ansible_user, and that one of these keys is in ~${target.user}/.ssh/authorized_keys (--private-key, -k for a password)`,
    cause: error,
  });
};

/** A slot of MaxSessions is given back only some time after its channel has closed. */
const OPEN_RETRIES_MS = [20, 50, 100, 200, 400, 800];

const openChannel = async (client: Client, target: SshTarget, command: string): Promise<Channel> => {
  for (const pause of [...OPEN_RETRIES_MS, null]) {
    try {
      return toChannel(await execute(client, command));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (pause === null || !/open fail/i.test(reason)) {
        throw new TransportError({
          fault: "lost",
          message: `${target.label}: no channel for a command: ${reason}`,
          hint: "check that the node is still there, and MaxSessions of its sshd",
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  throw new Error("unreachable: the last try either returns or throws");
};

const execute = (client: Client, command: string): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("the connection was lost"));
    client.once("close", gone);
    client.exec(command, (error, channel) => {
      client.off("close", gone);
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });

const toChannel = (channel: ClientChannel): Channel => {
  channel.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => {
    let code: number | null = null;
    channel.once("exit", (status: number | null) => {
      code = typeof status === "number" ? status : null;
      setTimeout(() => resolve(code), DRAIN_MS);
    });
    channel.once("close", () => resolve(code));
  });
  const destroy = (): void => {
    // A channel closes only when both of its streams are read.
    channel.resume();
    channel.stderr.resume();
    channel.close();
  };
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, destroy };
};
