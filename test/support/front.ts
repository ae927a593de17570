/** A door at a fixed port in front of a server that comes and goes. */
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

export interface Front {
  readonly origin: string;
  /** Breaks every connection, as a network that fails does: nobody says goodbye. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
}

/** `target` is asked for each connection; while nobody answers there, connections are refused. */
export async function startFront(port: number, target: () => string): Promise<Front> {
  const open = new Set<Socket>();
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const server = createServer((near) => {
    const { hostname, port: behind } = new URL(target());
    const far = connect(Number(behind), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    cut,
    stop: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
