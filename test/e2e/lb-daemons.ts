import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../src/lab/command.ts";
import { STATE_ROOT } from "./lab-fixture.ts";

/** Texts are bytes here, a character each: configurations need not be UTF-8. */
const ENCODING = "latin1";

/** Puts a text into a file of a directory of its own, which is gone afterwards. */
const withFile = async <T>(
  text: string,
  use: (path: string, directory: string) => Promise<T>,
): Promise<T> => {
  const directory = await mkdtemp(join(STATE_ROOT, "parse-"));
  try {
    const path = join(directory, "given.conf");
    await writeFile(path, text, ENCODING);
    return await use(path, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** How HAProxy cuts a text into words: by line number what it understood, and the lines that it refused. */
export interface CutLines {
  readonly lines: ReadonlyMap<number, string>;
  readonly refused: ReadonlySet<number>;
}

/** HAProxy's own cutting of lines (`-dC`, from 2.7 on). `program` is the HAProxy to ask, with its loader before it. */
export const cutByHaproxy = (program: readonly string[], text: string): Promise<CutLines> =>
  withFile(text, async (path, directory) => {
    const out = join(directory, "out");
    const command = 'out=$1; shift; env -i "$@" >"$out" 2>"$out.err"';
    await run(["sh", "-c", command, "sh", out, ...program, "-dC0,line", "-c", "-f", path]);
    const dumped = await readFile(out, ENCODING);
    const said = await readFile(`${out}.err`, ENCODING);
    const lines = new Map<number, string>();
    let last = 0;
    for (const line of dumped.replace(/Configuration file [^\n]*\n$/, "").split("\n")) {
      const [, number, words = line] = /^(\d+)\t(.*)$/s.exec(line) ?? [];
      // A word may have a line feed in it.
      const before = number === undefined ? `${lines.get(last)}\n` : "";
      last = number === undefined ? last : Number(number);
      lines.set(last, before + words);
    }
    const refused = [
      ...said.matchAll(/given\.conf:(\d+)\]: (?:unmatched|forbidden|truncated|too many|Stray|Missing LF)/g),
    ].map(([, line]) => Number(line));
    return {
      lines: new Map([...lines].map(([number, words]) => [number, words.trim()])),
      refused: new Set(refused),
    };
  });

/** The lines at which the HAProxy of this machine finds a text malformed, in the words that it has for that. */
export const refusedByHaproxy = (text: string): Promise<readonly number[]> =>
  withFile(text, async (path) => {
    const { stderr } = await run(["/usr/sbin/haproxy", "-c", "-f", path]);
    return [
      ...stderr.matchAll(/given\.conf:(\d+)\]: (?:unmatched|forbidden|truncated|too many|Stray|Missing LF)/g),
    ].map(([, line]) => Number(line));
  });

/** What keepalived says of the form of a text: braces and quotes. */
export const formFaultsOfKeepalived = (text: string): Promise<readonly string[]> =>
  withFile(text, async (path) => {
    const { stdout, stderr } = await run(["keepalived", "-t", "-f", path, "-i", "lb1"]);
    return `${stdout}${stderr}`
      .split("\n")
      .filter((line) => /quote|missing '|extra '|Extra '|Unexpected '|embedded NUL|~SEQ|~LST/i.test(line));
  });

/** An instance as keepalived holds it; its JSON has delays in whole seconds. */
export interface HeldInstance {
  readonly name: string;
  readonly vrid: number;
  readonly priority: number;
  readonly version: number;
  readonly advertInt: number;
  readonly nopreempt: boolean;
  readonly preemptDelay: number;
  /** Without the addresses that are not in the adverts, as keepalived leaves them out too. */
  readonly addresses: readonly string[];
}

/** What keepalived made of a text, started as machine `lb1` between interfaces of its own that lead nowhere; null where it refused to start. */
export const heldByKeepalived = (text: string): Promise<readonly HeldInstance[] | null> =>
  withFile(text, async (path, directory) => {
    const { stdout } = await run(["unshare", "--net", "--mount", "sh", "-c", HOLD, "sh", path, directory]);
    if (stdout.trim() === "") return null;
    const parsed: readonly { readonly data: KeepalivedData }[] = JSON.parse(stdout);
    return parsed.map(({ data }) => ({
      name: data.iname,
      vrid: data.vrid,
      priority: data.base_priority,
      version: data.version,
      advertInt: data.adver_int,
      nopreempt: data.nopreempt,
      preemptDelay: data.preempt_delay,
      addresses: data.vips.map((vip) => vip.split(" ")[0] ?? ""),
    }));
  });

interface KeepalivedData {
  readonly iname: string;
  readonly vrid: number;
  readonly base_priority: number;
  readonly version: number;
  readonly adver_int: number;
  readonly nopreempt: boolean;
  readonly preempt_delay: number;
  readonly vips: readonly string[];
}

/** Starts keepalived, asks it for its JSON once it is up, and ends it. It writes to /tmp, which therefore is one of its own. */
const HOLD = `
conf=$1 home=$2
mount -t tmpfs none /tmp
for link in eth0 eth1 eth2 eth3; do
  ip link add $link type veth peer name $link-peer && ip link set $link up && ip link set $link-peer up
done
ip link set lo up
ip address add 192.0.2.11/24 dev eth0
keepalived -n -l -f "$conf" -i lb1 -p $home/p -r $home/v -c $home/c -b $home/b >$home/log 2>&1 &
daemon=$!
until grep -q 'Startup complete' $home/log; do kill -0 $daemon 2>/dev/null || exit 0; sleep 0.05; done
tries=0
until [ -s /tmp/keepalived.json ]; do
  kill -s $(keepalived --signum=JSON) $daemon || exit 0
  tries=$((tries + 1)); [ $tries -lt 200 ] || break
  sleep 0.1
done
cat /tmp/keepalived.json
kill $daemon
wait $daemon
`;
