/** The name that robots.txt groups address (RFC 9309 section 2.2.1) and that every request carries. */
export const PRODUCT_TOKEN = "Naru";

export const USER_AGENT = `${PRODUCT_TOKEN}/0.1.0 (+robots.txt: User-agent ${PRODUCT_TOKEN})`;
