import { eventTexts, presenceTexts } from "#realtime/core/audience";
import type { TextsFor } from "#realtime/core/audience";
import type { Delivered, Receipt } from "#realtime/core/fanout";
import type { PresenceChange } from "#realtime/core/presence-news";
import { Turns } from "#realtime/core/turns";
import { EVERYBODY } from "#realtime/storage";
import { GatewayJoins } from "./gateway-joins";

/**
 * So many sockets are written to before what was written may flow off. What waits to be written stands in memory, several kilobytes for each socket, which the
 * process keeps: with ten thousand readers of one channel that was a fourteenth of its memory.
 */
const SOCKETS_AT_ONCE = 64;

/** What channels have their gateways do: hand on, tell, put out, look after who is there. */
export class GatewayChannels extends GatewayJoins {
  readonly #deliveries = new Turns();

  /** Hands events of a channel to its sockets, in order and each once. Resolves when all have been written to. */
  deliver(channel: string, events: readonly Delivered[], head: number): Promise<Receipt> {
    return this.#deliveries.take(channel, async () => {
      const { fresh, missingFrom, sockets } = this.index.accept(channel, events, head);
      if (fresh.length > 0) await this.#tellAll(channel, eventTexts(channel, fresh, this.clock()));
      return { sockets, missingFrom };
    });
  }

  /** Tells those who asked for it who came and went, each change behind the ones before. */
  announce(channel: string, change: PresenceChange): Promise<void> {
    return this.#deliveries.take(channel, () =>
      this.#tellAll(channel, presenceTexts(channel, change, this.clock())),
    );
  }

  /** Puts these people's sockets out of a channel, or everybody's. */
  async putOut(channel: string, userIds: readonly string[]): Promise<void> {
    const isAll = userIds.includes(EVERYBODY);
    await this.expel(
      channel,
      ({ attachment }) => isAll || userIds.includes(attachment.identity.ownerId),
    );
  }

  /** Which of these connections do not take part in the channel here. */
  missing(channel: string, connectionIds: readonly string[]): string[] {
    const here = new Set(
      [...this.index.members(channel).keys()].map(
        (socket) => this.lines.get(socket)?.attachment.id,
      ),
    );
    return connectionIds.filter((id) => !here.has(id));
  }

  /** Sends to those who are in at this moment, some at a time. Whoever comes in meanwhile has it from the answer to its subscription. */
  async #tellAll(channel: string, textsFor: TextsFor): Promise<void> {
    const sockets = [...this.index.members(channel).keys()];
    let written = 0;
    for (const socket of sockets) {
      // A pause lets others in: what was known of the socket before it may not hold any more.
      const membership = this.index.members(channel).get(socket);
      const line = this.lines.get(socket);
      if (!membership || !line) continue;
      const texts = textsFor(line.attachment, membership);
      for (const { text, bytes } of texts) this.send(line, text, bytes);
      if (texts.length === 0 || ++written % SOCKETS_AT_ONCE > 0) continue;
      await scheduler.wait(0);
    }
  }
}
