import type { Command } from 'commander';
import type { Paint } from './render/table.ts';
import type { Session } from './session.ts';

/** What a command without a cluster needs of the process. */
export interface LocalIo {
  /** The text of a file, or of standard input for `-`. */
  read(file: string): Promise<string>;
  print(text: string): void;
  paint: Paint;
}

/** What a group of commands adds itself to. */
export interface Cli {
  program: Command;
  /** Runs a command with a session; failures become one line on standard error and an exit code. */
  run(work: (session: Session) => Promise<void>): Promise<void>;
  /** The same for a question; true is exit code 0, false is 1. */
  ask(question: (session: Session) => Promise<boolean>): Promise<void>;
  /** Runs a command without a cluster; true is exit code 0, false is 1. */
  runLocally(work: (io: LocalIo) => Promise<boolean>): Promise<void>;
}
