/** What the server says of itself in channels at intervals, by the channel's name. */
export type Broadcasts = Readonly<
  Record<
    string,
    {
      readonly event: string;
      readonly everyMs: number;
      /** What there is to say at this moment: anything that is JSON. */
      readonly read: () => Promise<object>;
    }
  >
>;
