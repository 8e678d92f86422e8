/**
 * The ways to a node.
 *
 * `ssh` (ssh2, in this process) takes these settings from `~/.ssh/config`, the system's configuration and ssh arguments
 * of the inventory, all read by `ssh -G`: HostName, Port, User, HostKeyAlias, IdentityFile, IdentitiesOnly,
 * IdentityAgent, ForwardAgent, ProxyJump (each bastion with its own settings), UserKnownHostsFile (names without blanks),
 * GlobalKnownHostsFile, StrictHostKeyChecking (`no`, `accept-new`; all else is strict), AddressFamily. It ignores those
 * that change only speed or comfort (ControlMaster, Compression, SendEnv) and refuses, naming `openssh`, what it cannot
 * do: ProxyCommand, certificates of users and hosts, security keys. `openssh` starts the system's ssh, which honours
 * everything. What the inventory says wins over both.
 */
import { type Connection, type NodeAddress, TransportError } from "../core/transport.ts";
import { currentUser } from "../core/user.ts";
import { collectAuthentication } from "./authentication.ts";
import { createConnection } from "./connection.ts";
import { createHostKeyCheck } from "./host-key.ts";
import type { KeyRing } from "./identity.ts";
import { createLocalLink } from "./local.ts";
import { createOpensshLink, type OpensshTarget } from "./openssh.ts";
import { createSshLink, type SshTarget } from "./ssh.ts";
import { type Hop, resolveOptions, type SshOptions } from "./ssh-options.ts";

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
      return createConnection(
        createLocalLink(currentUser(context.environment).username, context.environment),
        options,
      );
    case "ssh":
      return createConnection(await createSshLink(await sshTargets(address, context)), options);
    case "openssh":
      return createConnection(await createOpensshLink(await opensshTarget(address, context)), options);
  }
};

const sshTargets = async (address: NodeAddress, context: ConnectContext): Promise<readonly SshTarget[]> => {
  const { host, port, user, sshArgs: args } = address;
  const { environment } = context;
  const node = await resolveOptions({ host, port, user, args, environment });
  const hops = await resolveHops(node.jumps, context, configFileWords(args));
  const way = [...hops, node];
  if (way.some((options) => options.proxyCommand !== null)) throw proxyCommandUnsupported(address);
  return await Promise.all(
    way.map((options, index) =>
      sshTarget({ options, address, context, isNode: options === node, isFirst: index === 0 }),
    ),
  );
};

const opensshTarget = async (address: NodeAddress, context: ConnectContext): Promise<OpensshTarget> => {
  const { host, port, sshArgs: args, password, privateKeyFile, passphrase } = address;
  const { knownHostsFiles, hostKeyChecking, connectTimeoutMs: timeoutMs } = address;
  const { environment, nonce } = context;
  const found = await resolveOptions({ host, port, user: address.user, args, environment });
  const label = `${found.user}@${found.host}:${found.port}`;
  const credentials = { password, privateKeyFile, passphrase };
  const trust = { knownHostsFiles, hostKeyChecking };
  return {
    label,
    host,
    port,
    user: found.user,
    ...credentials,
    ...trust,
    args,
    timeoutMs,
    environment,
    nonce,
  };
};

/** Of the arguments for a host, its bastions get only the configuration file, as with ssh itself. */
const configFileWords = (args: readonly string[]): readonly string[] => {
  const at = args.findIndex((word) => word.startsWith("-F"));
  const word = args[at];
  if (word === undefined) return [];
  return word === "-F" ? args.slice(at, at + 2) : [word];
};

/** The outermost bastion may stand behind others by its own configuration; the rest is reached through it. */
const resolveHops = async (
  jumps: readonly Hop[],
  context: ConnectContext,
  args: readonly string[],
  depth = 0,
): Promise<readonly SshOptions[]> => {
  const { environment } = context;
  const hops = await Promise.all(jumps.map((hop) => resolveOptions({ ...hop, args, environment })));
  const outermost = hops[0];
  if (outermost === undefined || outermost.jumps.length === 0) return hops;
  if (depth >= MOST_HOPS) {
    throw new TransportError({
      fault: "unsupported",
      message: `the ProxyJump of ${outermost.host} leads back to itself`,
      hint: "mend ProxyJump in ~/.ssh/config: a bastion must not be reached through itself",
    });
  }
  return [...(await resolveHops(outermost.jumps, context, args, depth + 1)), ...hops];
};

/** Bastions in a row beyond which a configuration is taken for a circle. */
const MOST_HOPS = 8;

interface TargetParts {
  readonly options: SshOptions;
  readonly address: NodeAddress;
  readonly context: ConnectContext;
  readonly isNode: boolean;
  /** Reached from here without a bastion in between. */
  readonly isFirst: boolean;
}

/** A bastion gets the configured keys and the node's own, never the node's password. */
const sshTarget = async ({ options, address, context, isNode, isFirst }: TargetParts): Promise<SshTarget> => {
  const label = `${options.user}@${options.host}:${options.port}`;
  const { keyAlias, host, port, identityFiles } = options;
  const { knownHostsFiles: given, privateKeyFile: key } = address;
  const hostKey = createHostKeyCheck({
    label,
    name: keyAlias === null ? { host, port } : { host: keyAlias, port: 22 },
    checking: address.hostKeyChecking === "strict" ? options.checking : address.hostKeyChecking,
    files: given === null ? options.knownHostsFiles : isNode ? given : [...given, ...options.knownHostsFiles],
    direct: isFirst,
  });
  const credentials = {
    privateKeyFile: isNode ? key : null,
    passphrase: address.passphrase,
    password: isNode ? address.password : null,
    identityFiles: isNode || key === null ? identityFiles : [key, ...identityFiles],
    certificateFiles: options.certificateFiles,
    agent: options.agent,
    identitiesOnly: options.identitiesOnly,
  };
  return {
    label,
    host,
    port,
    user: options.user,
    addressFamily: options.addressFamily,
    timeoutMs: address.connectTimeoutMs,
    forwardedAgent: isNode && options.forwardAgent ? options.agent : null,
    hostKey: await hostKey,
    authentication: await collectAuthentication(credentials, context.keys),
  };
};

const proxyCommandUnsupported = (address: NodeAddress): TransportError =>
  new TransportError({
    fault: "unsupported",
    message: `${address.name}: ssh's configuration sets a ProxyCommand, which this connection does not run`,
    hint: "use ProxyJump instead, or set ansible_connection: openssh for this host",
  });
