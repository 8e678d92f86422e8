import type { Task } from "../core/task.ts";
import { apt } from "./apt/apt.ts";
import { dnf } from "./dnf/dnf.ts";
import { haproxyConfig } from "./haproxy-config/haproxy-config.ts";
import { keepalivedConfig } from "./keepalived-config/keepalived-config.ts";
import { packageTask } from "./package/package.ts";
import { sysctl } from "./sysctl/sysctl.ts";
import { yum } from "./yum/yum.ts";

/** Every module there is, in alphabetical order. */
export const tasks: readonly Task[] = [apt, dnf, haproxyConfig, keepalivedConfig, packageTask, sysctl, yum];
