import { words } from "./words";

/** Names that browsers, Node and Workers give to every script beside those of the language, which ESLint knows itself. */
const NAMES = `
AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy Cache CloseEvent
CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DOMParser DecompressionStream
Document DocumentFragment Element Event EventSource EventTarget File FileList FileReader FormData
HTMLElement HTMLRewriter Headers Image IntersectionObserver MediaQueryList MessageChannel MessageEvent MessagePort
MutationObserver Node NodeList Notification Option Path2D PerformanceObserver PromiseRejectionEvent Range ReadableStream
Request ResizeObserver Response Selection SharedWorker Storage SubmitEvent TextDecoder TextEncoder TransformStream URL
URLPattern URLSearchParams WebAssembly WebSocket WebSocketPair Worker WritableStream XMLHttpRequest XMLSerializer
__dirname __filename addEventListener alert atob btoa caches cancelAnimationFrame cancelIdleCallback clearImmediate
clearInterval clearTimeout close confirm console crypto customElements describe dispatchEvent document exports expect
fetch getComputedStyle global history indexedDB innerHeight innerWidth it jest localStorage location matchMedia module
navigator open performance postMessage process prompt queueMicrotask removeEventListener reportError require
requestAnimationFrame requestIdleCallback scheduler screen scroll scrollTo self sessionStorage setImmediate setInterval
setTimeout structuredClone test vi window afterAll afterEach beforeAll beforeEach React JSX
`;

/** ESLint's `globals`: none of them may be written to. */
export const SCRIPT_GLOBALS: Readonly<Record<string, "readonly">> = Object.fromEntries(
  words(NAMES).map((name) => [name, "readonly"]),
);
