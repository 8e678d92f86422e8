import { createServer, type Socket } from "node:net";

/** A mail server that accepts everything, for as long as a test wants to know what is sent. */
export interface MailSink {
  readonly port: number;
  /** All mails so far, header and text. */
  readonly mails: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts it on an address of this machine, on a free port. */
export const startMailSink = async (address: string): Promise<MailSink> => {
  const mails: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    converse(socket, (mail) => mails.push(mail));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the mail sink has no port");
  return {
    port: bound.port,
    mails: () => [...mails],
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** The little of RFC 5321 that a sender needs. */
const converse = (socket: Socket, receive: (mail: string) => void): void => {
  let pending = "";
  let mail: string[] | null = null;
  socket.write("220 sink ESMTP\r\n");
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (pending + text).split("\r\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      if (mail === null) {
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === "DATA") mail = [];
        socket.write(verb === "DATA" ? "354 go on\r\n" : verb === "QUIT" ? "221 bye\r\n" : "250 sink\r\n");
      } else if (line === ".") {
        receive(mail.join("\n"));
        mail = null;
        socket.write("250 taken\r\n");
      } else mail.push(line);
    }
  });
};
