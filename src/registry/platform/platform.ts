/**
 * What each platform can tell of processes, behind one interface: one file per platform, each using what that platform
 * has. Judging what they tell is `liveness-rules.ts`'s part.
 */
import { linux } from './linux.js'
import { macos } from './macos.js'
import { windows } from './windows.js'

/** What is known of a process that a signal 0 has found. */
export interface Process {
  /** It has ended, and only its parent has not noticed: a zombie. */
  readonly isZombie: boolean
  /** It has been stopped (SIGSTOP, a debugger) and runs no code until it is continued. */
  readonly isStopped: boolean
  /** When it started, as text that no other process with this pid will ever have. */
  readonly start: string
}

/** The two ends of a TCP connection, as the process that has the local one knows them. */
export interface Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** One process of those that a command has brought forth. */
export interface FamilyMember {
  readonly pid: number
}

/** Where a process listens. */
export interface Listener {
  readonly pid: number
  /** The address, which may be one that stands for all: `0.0.0.0` or `::`. */
  readonly host: string
  readonly port: number
}

/** What is to be known of a command. */
export interface FamilyLook {
  /**
   * The session that the command leads, and those of what was below it at the last look: by them it is found when the command has ended.
   */
  readonly sessions: readonly number[]
  /** On which TCP ports it listens, for each port one process and address. */
  readonly listeners: readonly Listener[]
}

/** Follows a command. */
export interface FamilyFollower {
  /** Looks at once, as the command is about to be told to end: a session is known from now on until nobody is in it. */
  beforeEnd(): void
  close(): void
}

/** What a command has brought forth, and where it listens. Nothing here throws. */
export interface Families {
  /** The processes of some sessions, and those below them, without those that have ended. */
  familyOf(sessions: readonly number[]): readonly FamilyMember[]
  /**
   * Follows the family of `leader`, the command: tells whenever its ports may be others than before, on Linux within 50 ms and on macOS within
   * a second, and its sessions within a second.
   */
  followFamily(leader: number, onLook: (look: FamilyLook) => void): FamilyFollower
  /** Where the processes of this user listen, for each socket every process that has it open, by pid; on Linux alone. */
  ownListeners?(): readonly Listener[]
}

export interface Platform {
  /** Names this computer, the same across reboots. */
  hostId(): string
  /** Names the space in which a pid means one process; the same for all processes that share it. */
  pidSpace(): string
  /** Names the network in which a port means one server; undefined where there is but one. */
  networkSpace?(): string | undefined
  /** Names this run of the system, from one boot to the next; undefined where that cannot be told. */
  bootId(): string | undefined
  /** Looks at one pid; undefined when the platform does not say. Never throws. */
  inspect(pid: number): Process | undefined
  /** The working directory of a process; undefined when the platform does not say. Never throws. */
  directoryOf?(pid: number): string | undefined
  /**
   * Whether a process, or its parent for it, is what answers at a TCP port of a loopback address; undefined when the
   * platform does not say. Never throws.
   */
  isListening(pid: number, address: string, port: number): boolean | undefined
  /** A process that listens at a TCP port of any address; undefined where none does, or the platform does not say. Never throws. */
  listenerAt(port: number): number | undefined
  /**
   * What tells of the processes that a command brings forth, loaded when it is asked for. A platform that does not say has no such method.
   */
  families?(): Promise<Families>
  /**
   * The user, by number, whose process has the remote end of a connection of this process; undefined when no process that can be
   * seen from here has. Never rejects. A platform that does not say of any has no such method.
   */
  peerUser?(connection: Connection): Promise<number | undefined>
  /**
   * Text that is another one once any process of this computer has begun or ended, at the price of a single question;
   * undefined where nothing tells.
   */
  turnover(): string | undefined
}

const platforms: Partial<Record<NodeJS.Platform, Platform>> = { linux, android: linux, darwin: macos }

export const platform: Platform = platforms[process.platform] ?? windows
