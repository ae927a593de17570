import { fnv1a } from "#platform/bytes";

/** Name of a gateway by its number. */
export const gatewayName = (number: number): string => `gw:${number}`;

/** The number of the gateway that holds all sockets of an owner, so that a revocation and a ticket find them in one place. */
export const gatewayNumberOf = (ownerId: string, gateways: number): number =>
  fnv1a(ownerId) % gateways;

export const gatewayNameOf = (ownerId: string, gateways: number): string =>
  gatewayName(gatewayNumberOf(ownerId, gateways));
