import { spawn } from "node:child_process";
import type { Channel, Link } from "./channel.ts";
import { processChannel } from "./process-channel.ts";

/** The way to this machine itself. */
export const createLocalLink = (
  user: string,
  environment: Readonly<Record<string, string | undefined>>,
): Link => {
  const channels = new Set<Channel>();
  const open = async (command: string): Promise<Channel> => {
    const child = spawn("/bin/sh", ["-c", command], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...environment },
    });
    const channel = await processChannel(child, "close-input");
    channels.add(channel);
    void channel.ended.then(() => channels.delete(channel));
    return channel;
  };
  const close = async (): Promise<void> => {
    for (const channel of channels) channel.destroy();
    const all = Promise.all([...channels].map((channel) => channel.ended));
    await Promise.race([all, pause(CLOSE_WAIT_MS)]);
  };
  return { label: `${user}@localhost (local)`, user, open, fault: () => null, close };
};

/** How long what still runs may take to end; the connection has sent it a signal. */
const CLOSE_WAIT_MS = 2_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
