import { userInfo } from "node:os";
import type { Secret } from "../core/secret.ts";
import { type Connection, TransportError } from "../core/transport.ts";
import { collectAuthentication } from "./authentication.ts";
import { createConnection } from "./connection.ts";
import { createHostKeyCheck, type HostKeyChecking } from "./host-key.ts";
import type { KeyRing } from "./identity.ts";
import { createLocalLink } from "./local.ts";
import { createSshLink, type SshTarget } from "./ssh.ts";
import { type Hop, resolveOptions, type SshOptions } from "./ssh-options.ts";

/** One host as the inventory describes it. */
export interface NodeAddress {
  /** Its inventory name. */
  readonly name: string;
  readonly connection: "ssh" | "openssh" | "local";
  readonly host: string;
  /** null: from ssh's configuration, or 22. */
  readonly port: number | null;
  /** null: from ssh's configuration, or the user who runs this. */
  readonly user: string | null;
  readonly password: Secret | null;
  /** null: those of ssh's configuration, or ssh's default keys. */
  readonly privateKeyFile: string | null;
  readonly passphrase: Secret | null;
  /** null: those of ssh's configuration. */
  readonly knownHostsFiles: readonly string[] | null;
  /** `strict` gives way to a StrictHostKeyChecking that ssh's configuration or `sshArgs` set. */
  readonly hostKeyChecking: HostKeyChecking;
  /** Words for the command line of ssh (ansible_ssh_common_args and its like). */
  readonly sshArgs: readonly string[];
  /** For each of: TCP connection, SSH handshake with login, opening of a shell. */
  readonly connectTimeoutMs: number;
}

/** What a connection takes from its surroundings. */
export interface ConnectContext {
  /** Fresh random hex, at least 128 bits. */
  readonly nonce: () => string;
  /** Variables of this process: SSH_AUTH_SOCK, HOME, PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Decrypted keys, shared by all connections of a run. */
  readonly keys: KeyRing;
}

/** Connects to a node; throws TransportError. */
export const connect = async (address: NodeAddress, context: ConnectContext): Promise<Connection> => {
  const options = { nonce: context.nonce, openTimeoutMs: address.connectTimeoutMs };
  switch (address.connection) {
    case "local":
      return createConnection(createLocalLink(userInfo().username, context.environment), options);
    case "ssh":
      return createConnection(await createSshLink(await sshTargets(address, context)), options);
    case "openssh":
      throw new TransportError({ fault: "unsupported", message: "openssh", hint: null });
  }
};

const sshTargets = async (address: NodeAddress, context: ConnectContext): Promise<readonly SshTarget[]> => {
  const { host, port, user, sshArgs: args } = address;
  const { environment } = context;
  const node = await resolveOptions({ host, port, user, args, environment });
  if (node.proxyCommand !== null) throw proxyCommandUnsupported(address);
  const hops = await resolveHops(node.jumps, context);
  const bastions = hops.map((options) => target(options, address, context, false, options !== hops[0]));
  return await Promise.all([...bastions, target(node, address, context, true, hops.length > 0)]);
};

/** A bastion's own bastions come first, but only the outermost may have some: the others are reached through it. */
const resolveHops = async (
  jumps: readonly Hop[],
  context: ConnectContext,
): Promise<readonly SshOptions[]> => {
  const { environment } = context;
  const hops = await Promise.all(jumps.map((hop) => resolveOptions({ ...hop, args: [], environment })));
  const outermost = hops[0];
  if (outermost === undefined || outermost.jumps.length === 0) return hops;
  return [...(await resolveHops(outermost.jumps, context)), ...hops];
};

const target = async (
  options: SshOptions,
  address: NodeAddress,
  context: ConnectContext,
  isNode: boolean,
  behindBastion: boolean,
): Promise<SshTarget> => {
  const label = `${options.user}@${options.host}:${options.port}`;
  const given = address.knownHostsFiles;
  return {
    label,
    host: options.host,
    port: options.port,
    user: options.user,
    addressFamily: options.addressFamily,
    timeoutMs: address.connectTimeoutMs,
    hostKey: await createHostKeyCheck({
      label,
      name: { host: options.keyAlias ?? options.host, port: options.keyAlias === null ? options.port : 22 },
      checking: address.hostKeyChecking === "strict" ? options.checking : address.hostKeyChecking,
      files:
        given === null ? options.knownHostsFiles : isNode ? given : [...given, ...options.knownHostsFiles],
      direct: !behindBastion,
    }),
    authentication: await collectAuthentication(
      {
        privateKeyFile: isNode ? address.privateKeyFile : null,
        passphrase: address.passphrase,
        password: isNode ? address.password : null,
        identityFiles:
          isNode || address.privateKeyFile === null
            ? options.identityFiles
            : [address.privateKeyFile, ...options.identityFiles],
        certificateFiles: options.certificateFiles,
        agent: options.agent,
        identitiesOnly: options.identitiesOnly,
      },
      context.keys,
    ),
  };
};

const proxyCommandUnsupported = (address: NodeAddress): TransportError =>
  new TransportError({
    fault: "unsupported",
    message: `${address.name}: ssh's configuration sets a ProxyCommand, which this connection does not run`,
    hint: "use ProxyJump instead, or set ansible_connection: openssh for this host",
  });
