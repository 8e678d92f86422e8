import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  freePort,
  newDirectory,
  removeDirectory,
  type StartedNode,
  testAddress,
} from "../unit/transport/nodes.ts";

const run = promisify(execFile);

/** Starts a real sshd on loopback, as the current user, with its own configuration and keys. */
export const startSshd = async (): Promise<StartedNode> => {
  const directory = await newDirectory();
  const keygen = (name: string): Promise<unknown> =>
    run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
  await Promise.all([keygen("host"), keygen("id")]);
  const port = await freePort();
  const known = join(directory, "known_hosts");
  await writeFile(known, `[127.0.0.1]:${port} ${await readFile(join(directory, "host.pub"), "utf8")}`);
  await writeFile(join(directory, "config"), sshdConfig(directory, port));
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true });
  const sshd = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(directory, "config")], { stdio: "ignore" });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => sshd.once("exit", resolve));
    if (sshd.kill()) await ended;
    await removeDirectory(directory);
  };
  await untilListening(port, sshd);
  const address = testAddress({ port, privateKeyFile: join(directory, "id"), knownHostsFiles: [known] });
  return { address, stop };
};

const sshdConfig = (directory: string, port: number): string =>
  [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${directory}/host`,
    `AuthorizedKeysFile ${directory}/id.pub`,
    `PidFile ${directory}/pid`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "",
  ].join("\n");

const untilListening = async (port: number, sshd: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (sshd.exitCode !== null) throw new Error(`sshd ended with ${sshd.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = dial(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("sshd does not listen");
};
