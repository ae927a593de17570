// The engine, after what it needs to load.
import "./prolog-globals";
import pl from "tau-prolog";
import installLists from "tau-prolog/modules/lists.js";

installLists(pl);

export { pl };
