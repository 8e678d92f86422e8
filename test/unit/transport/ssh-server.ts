import { spawn } from "node:child_process";
import { createServer, connect as dial, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection as ServerConnection, type Session } from "ssh2";

/** What an in-process SSH server accepts. */
export interface ServerRules {
  /** Host keys, private, PEM or OpenSSH. */
  readonly hostKeys: readonly string[];
  readonly password: string | null;
  /** Ask for the password by keyboard-interactive instead. */
  readonly interactive: boolean;
  /** Public keys that may log in, in wire format. */
  readonly authorized: readonly Buffer[];
}

/** A server on loopback whose commands are run by this machine's real sh. */
export interface SshServer {
  readonly port: number;
  /** Ends all connections as a crash would: without a word. */
  readonly kill: () => void;
  readonly close: () => Promise<void>;
  /** Logins so far. */
  readonly logins: () => readonly string[];
}

/** Starts one on a free port. */
export const startSshServer = async (rules: ServerRules): Promise<SshServer> => {
  const sockets = new Set<Socket>();
  const logins: string[] = [];
  const ssh = new ssh2.Server({ hostKeys: [...rules.hostKeys] }, (connection) =>
    serve(connection, rules, logins),
  );
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const kill = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = (): Promise<void> => {
    kill();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { port: address.port, kill, close, logins: () => logins };
};

const serve = (connection: ServerConnection, rules: ServerRules, logins: string[]): void => {
  connection.on("error", () => {});
  connection.on("authentication", (context) => authenticate(context, rules));
  connection.on("ready", () => {
    logins.push("login");
    connection.on("session", (accept) => serveSession(accept()));
    connection.on("tcpip", (accept, reject, info) => {
      const out = dial(info.destPort, info.destIP);
      out.once("error", () => reject());
      out.once("connect", () => {
        const channel = accept();
        out.on("error", () => channel.close());
        channel.on("error", () => out.destroy());
        channel.pipe(out).pipe(channel);
      });
    });
  });
};

const authenticate = (context: AuthContext, rules: ServerRules): void => {
  const methods = [
    ...(rules.authorized.length > 0 ? (["publickey"] as const) : []),
    ...(rules.password === null
      ? []
      : [rules.interactive ? ("keyboard-interactive" as const) : ("password" as const)]),
  ];
  if (context.method === "keyboard-interactive" && rules.interactive) {
    context.prompt([{ prompt: "Password: ", echo: false }], (given) => {
      if (given[0] === rules.password) context.accept();
      else context.reject(methods);
    });
    return;
  }
  const keyGood =
    context.method === "publickey" && rules.authorized.some((key) => key.equals(context.key.data));
  const wordGood = context.method === "password" && !rules.interactive && context.password === rules.password;
  if (keyGood || wordGood) context.accept();
  else context.reject(methods);
};

const serveSession = (session: Session): void => {
  session.on("exec", (accept, _reject, info) => {
    const channel = accept();
    const child = spawn("/bin/sh", ["-c", info.command], { detached: true });
    for (const stream of [channel, child, child.stdin, child.stdout, child.stderr])
      stream.on("error", () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.once("close", () => child.stdin.destroy());
    child.once("close", (code) => {
      channel.exit(code ?? 255);
      channel.close();
    });
  });
};
