/** What the objects of this domain keep. */
export { ChannelStorage } from "./storage-channel";
export type { LoggedEvent, PresentMember } from "./storage-channel";
export { TicketStorage } from "./storage-tickets";
export { EVERYBODY, roomIndexWrites, RoomStorage } from "./storage-room";
