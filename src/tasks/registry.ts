import type { Task } from "../core/task.ts";
import { apt } from "./apt/apt.ts";
import { sysctl } from "./sysctl/sysctl.ts";

/** Every module there is, in alphabetical order. */
export const tasks: readonly Task[] = [apt, sysctl];
