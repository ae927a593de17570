import type { Script } from "./script";
import { articleScript } from "./script-article";
import { feedScript } from "./script-feed";
import { linksScript } from "./script-links";
import { pageScript } from "./script-page";
import { selectScript } from "./script-select";
import { sitemapScript } from "./script-sitemap";
import { tablesScript } from "./script-tables";

const SCRIPTS: ReadonlyMap<string, Script> = new Map(
  [
    pageScript,
    articleScript,
    linksScript,
    tablesScript,
    selectScript,
    feedScript,
    sitemapScript,
  ].map((script) => [script.name, script]),
);

/** The built-in script of a name; null where there is none. */
export const findScript = (name: string): Script | null => SCRIPTS.get(name) ?? null;

/** All built-in scripts in the order in which they are shown. */
export const listScripts = (): readonly Script[] => [...SCRIPTS.values()];
