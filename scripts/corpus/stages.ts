import cliProgress from "cli-progress";

export interface Stages {
  /** Ends the present stage and begins another. */
  begin(name: string): void;
  /** So much of the present stage is done, in [0, 1]. */
  progress(share: number): void;
  /** Counts time to another stage than the present one; returns what `run` returns. */
  within<T>(name: string, run: () => T): T;
  /** Ends the present stage. */
  end(): void;
  /** Seconds by stage, in the order they began; a stage that comes again adds up. */
  seconds(): Record<string, number>;
}

/**
 * A clock of stages that shows them as they go: a bar on a terminal, elsewhere a line when a stage ends.
 *
 * @param terminal where the bar is drawn, when there is one
 */
export function stageClock(err: (text: string) => void, terminal?: NodeJS.WriteStream): Stages {
  const total = new Map<string, number>();
  let stage = "";
  let since = performance.now();
  let elsewhere = 0; // milliseconds of the present stage that count for others
  let bar: cliProgress.SingleBar | undefined;

  const add = (name: string, milliseconds: number) => total.set(name, (total.get(name) ?? 0) + milliseconds);
  const end = (): void => {
    if (stage === "") return;
    const milliseconds = performance.now() - since - elsewhere;
    add(stage, milliseconds);
    bar?.stop();
    bar = undefined;
    err(`${stage} ${(milliseconds / 1000).toFixed(2)} s\n`);
    stage = "";
  };
  return {
    begin(name) {
      end();
      stage = name;
      add(name, 0);
      since = performance.now();
      elsewhere = 0;
      if (!terminal) return;
      const format = "{stage} {bar} {percentage} %";
      bar = new cliProgress.SingleBar({ format, stream: terminal, clearOnComplete: true, barsize: 30 });
      bar.start(100, 0, { stage: name });
    },
    progress(share) {
      bar?.update(Math.min(100, Math.round(100 * share)));
    },
    within(name, run) {
      const start = performance.now();
      try {
        return run();
      } finally {
        add(name, performance.now() - start);
        elsewhere += performance.now() - start;
      }
    },
    end,
    seconds: () => Object.fromEntries([...total].map(([name, ms]) => [name, Math.round(ms) / 1000])),
  };
}
