/** @import {Texts} from "./texts-en.js" */
/** @import {Session} from "./session.js" */

/**
 * What every panel gets.
 * @typedef {object} Context
 * @property {Texts} t The page's texts in its language.
 * @property {string} locale
 * @property {Session} session
 */

/**
 * One job of the console.
 * @typedef {object} Panel
 * @property {string} id Its place in the address, such as `#scrape`.
 * @property {string} title
 * @property {HTMLElement} element
 * @property {boolean} [isOpen] It is of use without a credential.
 * @property {() => void} [onShow]
 * @property {() => void} [onHide]
 */

/** @typedef {(context: Context) => Panel} CreatePanel */

/** The panel that is shown where the address names none. */
export const FIRST_PANEL = "account";
