import type { ErrorText } from "#platform/errors";

/** English texts of what can become of a task, its waiting caller and a scrape. */
export const RUN_TEXTS_EN = {
  TASK_ALREADY_FINISHED: {
    title: "Task already finished",
    error: "The task has ended and cannot be changed.",
    detail: "Read the task to see how it ended[: GET /api/v1/tasks/{task_id}].",
  },
  RESULT_NOT_READY: {
    title: "Result not ready",
    error: "The task has not ended, so that there is no result yet.",
    detail:
      "Ask again after the time in Retry-After[; GET /api/v1/tasks/{task_id} tells how far it is].",
  },
  TOO_MANY_TASKS: {
    title: "Too many tasks",
    error: "So many tasks of yours are waiting that this one would not be started in time.",
    detail:
      "Nothing was accepted. Try again after the time in Retry-After, give the task a longer queue_ttl, or do not wait for its end.",
  },
  QUEUE_FULL: {
    title: "Queue full",
    error: "The queue takes no further task at the moment.",
    detail: "Nothing was accepted. Try again after the time in Retry-After.",
  },
  TASK_TIMED_OUT: {
    title: "Task timed out",
    error: "The task ran longer than its timeout[ of {timeout} s] and was ended.",
    detail: "Give it a longer timeout, or less to do.",
  },
  WAIT_TIMED_OUT: {
    title: "Wait timed out",
    error: "The task has not ended while the request waited; it goes on.",
    detail: "Fetch the result from the address in Location.",
  },
  TASK_CANCELLED: {
    title: "Task cancelled",
    error: "The task was cancelled before it ended.",
    detail: "Submit it again if it is still wanted.",
  },
  WORKER_LOST: {
    title: "Worker lost",
    error: "The worker that ran the task was lost, each time it was tried.",
    detail: "Submit it again; if it stays, the task may need more than a worker has.",
  },
  TASK_UNDELIVERABLE: {
    title: "Task undeliverable",
    error: "No worker took the task in the time that was given for it.",
    detail: "Try again later; /status shows when a worker last took a task.",
  },
  RESULT_TOO_LARGE: {
    title: "Result too large",
    error: "The task's result is larger than can be kept[: at most {limit} bytes].",
    detail: "Ask for less in one task.",
  },
  URL_NOT_ALLOWED: {
    title: "URL not allowed",
    error: "This URL may not be fetched[: {url}].",
    detail:
      "[{reason} ]Only public http and https addresses are fetched. The operator can allow a host in SCRAPE_ALLOW_HOSTS.",
    phrases: {
      reason: {
        malformed: "It is no absolute address.",
        too_long: "It is longer than is fetched.",
        scheme: "Its scheme is neither http nor https.",
        credentials: "It carries a user name or password.",
        port: "Its port belongs to another protocol.",
        private_address: "It leads to a private, loopback, link-local or reserved address.",
        private_name: "Its host name only means something inside a network.",
        redirect: "It redirects to where it may not be followed.",
      },
    },
  },
  INVALID_SELECTOR: {
    title: "Invalid selector",
    error: "A CSS selector is not valid[: {selector}].",
    detail: "Check its spelling; pseudo-elements and scripting selectors are not supported.",
  },
  DNS_FAILED: {
    title: "Name not resolved",
    error: "The name of the host could not be resolved[: {host}].",
    detail: "Check its spelling, or try again if the name is new.",
  },
  FETCH_FAILED: {
    title: "Fetch failed",
    error: "The target could not be reached[: {host}].",
    detail: "It refused the connection or broke it off. Check the URL and try again.",
  },
  FETCH_TIMED_OUT: {
    title: "Fetch timed out",
    error: "The target did not answer in time[: {host}].",
    detail: "Try again later, or with a longer timeout.",
  },
  HOST_DOWN: {
    title: "Host down",
    error: "The target has failed repeatedly and is left alone for a while[: {host}].",
    detail: "Submit it again later[, in {retry_after} s].",
  },
  SITE_BUSY: {
    title: "Site busy",
    error: "The limit of requests to this site, over all clients, is reached[: {host}].",
    detail: "Try again later[, in {retry_after} s].",
  },
  TARGET_STATUS: {
    title: "Target refused",
    error: "The target answered with an error[: HTTP {status}].",
    detail: "Open the URL in a browser to see whether it exists and is public.",
  },
  ROBOTS_DISALLOWED: {
    title: "Disallowed by robots.txt",
    error: "The site's robots.txt does not allow this URL to be fetched.",
    detail: "Choose another page, or ask the site's owner.",
  },
  ROBOTS_UNREACHABLE: {
    title: "robots.txt unreachable",
    error:
      "The site could not say what may be fetched: its robots.txt failed[ with HTTP {status}].",
    detail:
      "Until it answers, nothing of the site is fetched. Try again later[, in {retry_after} s].",
  },
  TOO_MANY_REDIRECTS: {
    title: "Too many redirects",
    error: "The target redirects too often[, more than {limit} times].",
    detail: "Use the address at which the page finally stands.",
  },
  RESPONSE_TOO_LARGE: {
    title: "Response too large",
    error: "The target's answer is larger than is read[: at most {limit} bytes].",
    detail: "Choose a smaller page.",
  },
  UNSUPPORTED_CONTENT: {
    title: "Unsupported content",
    error:
      "The target's answer is of a kind that the script cannot read[: {content_type}][: Content-Encoding {content_encoding}].",
    detail: "[The script reads {accepts}. ]Choose another page, or a script that reads this one.",
  },
  PAGE_TOO_COMPLEX: {
    title: "Page too complex",
    error: "The page has more elements or levels than are read.",
    detail: "Choose a smaller page, or narrow the script's selectors.",
  },
  EXTRACTION_FAILED: {
    title: "Extraction failed",
    error: "The script could not take what it describes from the page[: {reason}].",
    detail: "Check whether the page still has the form that the script expects.",
  },
  FIELD_MISSING: {
    title: "Field missing",
    error: "The page has nothing for a field that the script requires[: {field}].",
    detail: "The page may have changed its form: adapt the selector, or do not require the field.",
  },
  SCRIPT_NAME_RESERVED: {
    title: "Script name reserved",
    error: "This name belongs to a built-in script[: {script_name}].",
    detail: "Choose another name; built-in scripts are neither replaced nor deleted.",
  },
  SCRIPT_VERSION_EXISTS: {
    title: "Script version exists",
    error: "This version of the script has another content already[: {version}].",
    detail: "A version never changes, also once it is deleted. Send it under a higher version.",
  },
  TOO_MANY_SCRIPTS: {
    title: "Too many scripts",
    error: "You have as many scripts or versions of a script as are kept[: at most {limit}].",
    detail: "Delete one that you do not need.",
  },
} satisfies Record<string, ErrorText>;
