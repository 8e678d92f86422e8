import manifest from "../../package.json" with { type: "json" };
import { EXIT } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { Command } from "./run-options.ts";

/** The command line to its exit code. Everything beyond the version is loaded when it is needed. */
export const runProgram = async (words: readonly string[], io: Io): Promise<number> => {
  if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
    io.stdout.write(`${manifest.version}\n`);
    return EXIT.ok;
  }
  try {
    const { parseCommandLine } = await import("./args.ts");
    const { ansibleSettings, optionDefaults, tellSettings } = await import("./ansible-settings.ts");
    const settings = ansibleSettings(io);
    const command = parseCommandLine(words, optionDefaults(settings));
    if (obeysSettings(command)) tellSettings(settings, io);
    return await perform(command, io);
  } catch (error) {
    const { tellError } = await import("./tell-error.ts");
    return tellError(error, io);
  }
};

/** Whether Ansible's settings mean anything to a command. */
const obeysSettings = (command: Command): boolean =>
  command.kind === "lint" || command.kind === "predict"
    ? command.options.subject.kind !== "files"
    : !["lab", "recap", "doc", "explain", "show"].includes(command.kind);

const perform = async (command: Command, io: Io): Promise<number> => {
  switch (command.kind) {
    case "run":
      return (await import("./commands/run.ts")).run(command.options, io);
    case "lint":
      return (await import("./commands/lint.ts")).lint(command.options, io);
    case "explain":
      return (await import("./commands/explain.ts")).explain(command.rule, io);
    case "predict":
      return (await import("./commands/predict.ts")).predict(command.options, io);
    case "inventory":
      return (await import("./commands/inventory.ts")).inventory(command.options, io);
    case "status":
      return (await import("./commands/status.ts")).status(command.options, io);
    case "diagnose":
      return (await import("./commands/diagnose.ts")).diagnose(command.options, io);
    case "drift":
      return (await import("./commands/drift.ts")).drift(command.options, io);
    case "switchover":
      return (await import("./commands/switchover.ts")).switchover(command.options, io);
    case "maintenance":
      return (await import("./commands/maintenance.ts")).maintenance(command.options, io);
    case "drill":
      return (await import("./commands/drill.ts")).drill(command.options, io);
    case "lab":
      return (await import("./commands/lab.ts")).lab(command.options, io);
    case "vault":
      return (await import("./commands/vault.ts")).vault(command.options, io);
    case "recap":
      return (await import("./commands/recap.ts")).recap(command.options, io);
    case "doc":
      return (await import("./commands/doc.ts")).doc(command.module, io);
    case "show":
      (command.exitCode === EXIT.ok ? io.stdout : io.stderr).write(command.text);
      return command.exitCode;
  }
};
