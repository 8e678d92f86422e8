import { Writable } from "node:stream";
import { DefaultRenderer, Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput } from "listr2";
import type { EventSink, HostResultEvent, RunEvent } from "../core/event.ts";
import { createLoopMemory, createPlainSink, type PlainOptions, warningLine } from "./plain.ts";
import { isFailure, resultLines } from "./result-text.ts";

/** The terminal as the live view uses it. */
export interface Screen {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly rows: () => number;
}

/** A view that must be closed, so that the terminal gets its cursor back. */
export interface View {
  readonly sink: EventSink;
  /** Leaves the terminal to a question; what follows until the next play is printed plainly. */
  readonly pause: () => Promise<void>;
  /** Resolves when everything has been shown; the sink must not be called afterwards. */
  readonly close: () => Promise<void>;
}

/** What the live view needs; lines above it look as in plain output. */
export interface LiveOptions extends Pick<PlainOptions, "palette" | "verbosity"> {
  readonly screen: Screen;
  /** Milliseconds between two pictures; listr2 by itself draws anew with every event. */
  readonly intervalMs: number;
}

/**
 * The view for terminals: one line per host with the task it is at, changes and failures as lasting lines above, the
 * recap at the end. It only shows what the events say: listr2's tasks here do nothing but wait for their host's.
 */
export const createLiveView = (options: LiveOptions): View => {
  const plain = createPlainSink({
    ...options,
    columns: options.screen.columns(),
    write: options.screen.write,
  });
  const loops = createLoopMemory();
  const queue: RunEvent[] = [];
  let picture: Picture | null = null;
  let work: Promise<void> | null = null;

  const show = async (event: RunEvent): Promise<void> => {
    if (endsPicture(event)) {
      await picture?.end();
      picture = null;
    }
    if (event.kind === "play-started") {
      plain(event);
      picture = await startPicture(event.hosts, options);
      return;
    }
    if (picture === null) return plain(event);
    showIn(picture, event, options, loops.isRepetition);
  };
  const drain = async (): Promise<void> => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) await show(event);
    work = null;
  };
  const rest = async (): Promise<void> => {
    await work;
    await picture?.end();
    picture = null;
  };
  return {
    sink: (event) => {
      queue.push(event);
      work ??= drain();
    },
    pause: rest,
    close: rest,
  };
};

const endsPicture = (event: RunEvent): boolean =>
  event.kind === "play-started" ||
  event.kind === "no-hosts" ||
  event.kind === "roll" ||
  event.kind === "recap";

const showIn = (
  picture: Picture,
  event: RunEvent,
  options: LiveOptions,
  isRepetition: (event: HostResultEvent) => boolean,
): void => {
  switch (event.kind) {
    case "host-started":
      picture.title(event.host, event.task.name);
      return;
    case "host-result": {
      const repeated = isRepetition(event);
      if (isFailure(event) && !event.ignored && !event.rescued && event.item === null)
        picture.fail(event.host);
      if (!repeated && isWorthALine(event, options))
        picture.print(resultLines(event, options, event.task.name));
      return;
    }
    case "warning":
      picture.print([warningLine(event, options.palette)]);
      return;
    default:
      return;
  }
};

const isWorthALine = (event: HostResultEvent, { verbosity }: LiveOptions): boolean =>
  verbosity > 0 ||
  (event.status !== "ok" && event.status !== "skipped") ||
  /(^|\.)debug$/.test(event.task.module);

/** What is on the screen for a while: a line for each of several things that are under way. */
export interface Picture {
  readonly title: (host: string, task: string) => void;
  readonly fail: (host: string) => void;
  /** Puts lines above the picture, to stay. */
  readonly print: (lines: readonly string[]) => void;
  readonly end: () => Promise<void>;
}

/** One listr2 list per play, since a list that runs takes no further hosts. */
export const startPicture = async (
  hosts: readonly string[],
  options: Pick<LiveOptions, "screen" | "intervalMs">,
): Promise<Picture> => {
  const { screen, intervalMs } = options;
  const width = Math.max(0, ...hosts.map((host) => host.length));
  const wrappers = new Map<string, Wrapper>();
  const failed = new Set<string>();
  const above: string[] = [];
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const list = new Listr(
    hosts.map((host) => ({
      title: host,
      task: async (_context: unknown, wrapper: Wrapper) => {
        wrappers.set(host, wrapper);
        await finished;
        if (failed.has(host)) throw new Error(`${host} failed`);
      },
    })),
    {
      // Every list task only waits, so all wait at once; the engine alone decides how many hosts work.
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: ThrottledRenderer,
      rendererOptions: {
        ...{ screen, intervalMs, above },
        clearOutput: true,
        collapseErrors: false,
        showErrorMessage: false,
        formatOutput: "truncate",
        logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ScreenOutput(screen) }),
      },
    },
  );
  const done = list.run();
  // The tasks announce themselves after listr2 has loaded its terminal libraries.
  while (wrappers.size < hosts.length) await new Promise((resolve) => setImmediate(resolve));
  return {
    title: (host, task) => {
      const wrapper = wrappers.get(host);
      if (wrapper !== undefined) wrapper.title = `${host.padEnd(width)}  ${task}`;
    },
    fail: (host) => {
      failed.add(host);
    },
    print: (lines) => {
      above.push(...lines);
    },
    end: async () => {
      finish();
      await done;
    },
  };
};

type Wrapper = ListrTaskWrapper<unknown, typeof ThrottledRenderer, typeof ThrottledRenderer>;

/** What our renderer takes besides listr2's own options. */
interface ThrottledOptions {
  readonly screen: Screen;
  readonly intervalMs: number;
  /** Lines to put above the picture at the next drawing; emptied by it. */
  readonly above: string[];
}

/** listr2's default renderer, drawing at intervals, with lasting lines above and never higher than the screen. */
class ThrottledRenderer extends DefaultRenderer {
  /** The screen is ours whatever the process's streams are: listr2 must not fall back to another renderer. */
  static override nonTTY = true;
  readonly #options: ThrottledOptions;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    tasks: ConstructorParameters<typeof DefaultRenderer>[0],
    options: ConstructorParameters<typeof DefaultRenderer>[1] & ThrottledOptions,
    events: ConstructorParameters<typeof DefaultRenderer>[2],
  ) {
    super(tasks, options, events);
    this.#options = options;
  }

  override update(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#printAbove();
      super.update();
    }, this.#options.intervalMs);
  }

  override create(options?: Parameters<DefaultRenderer["create"]>[0]): string {
    const lines = super.create(options).split("\n");
    const room = Math.max(2, this.#options.screen.rows() - 2);
    if (lines.length <= room) return lines.join("\n");
    return [...lines.slice(0, room - 1), `  … and ${lines.length - room + 1} more hosts`].join("\n");
  }

  override end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    super.end();
    this.#writeAbove();
  }

  #printAbove(): void {
    if (this.#options.above.length === 0) return;
    // listr2 offers no way to print above its picture; the updater that owns the picture can take it away for a moment.
    // biome-ignore lint/complexity/useLiteralKeys: the member is private in listr2's types.
    const updater: { readonly clear: () => void } = this["updater"];
    updater.clear();
    this.#writeAbove();
  }

  #writeAbove(): void {
    const lines = this.#options.above.splice(0);
    if (lines.length > 0) this.#options.screen.write(`${lines.join("\n")}\n`);
  }
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Gives listr2 our screen instead of the process's streams, which it would otherwise take over. */
class ScreenOutput extends ProcessOutput {
  readonly #screen: Screen;
  readonly #stream: NodeJS.WriteStream;

  constructor(screen: Screen) {
    const stream = streamOf(screen);
    super(stream, stream);
    this.#screen = screen;
    this.#stream = stream;
  }

  override get stdout(): NodeJS.WriteStream {
    return this.#stream;
  }

  override hijack(): void {
    this.#screen.write(HIDE_CURSOR);
  }

  override release(): void {
    this.#screen.write(SHOW_CURSOR);
  }
}

/** The parts of a terminal stream that log-update looks at; the size is asked anew each time. */
const streamOf = (screen: Screen): NodeJS.WriteStream => {
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      screen.write(String(chunk));
      done();
    },
  });
  Object.defineProperty(stream, "columns", { get: screen.columns });
  Object.defineProperty(stream, "rows", { get: screen.rows });
  // A WriteStream has much more, of which log-update and listr2 use nothing.
  return stream as unknown as NodeJS.WriteStream;
};
