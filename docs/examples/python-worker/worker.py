"""A worker for Naru with nothing but Python's standard library. It serves the kind `wordcount`, which the deployment leaves to
outside workers by WORKER_KINDS={"wordcount":{}}, and needs an API key with the scope `worker`:
NARU_URL=http://localhost:8787 NARU_KEY=nr_... python3 worker.py"""
import json, os, signal, threading, time, urllib.error, urllib.request
stopping = threading.Event()

def call(path, **body):
    """One call to the API, tried again while it can't be reached or asks for patience. Other refusals are raised."""
    headers = {"Content-Type": "application/json", "X-API-Key": os.environ["NARU_KEY"]}
    url = f"{os.environ['NARU_URL']}/api/v1/workers/{path}"
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=40) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504): raise
            time.sleep(float(error.headers.get("Retry-After") or 2))
        except OSError:
            time.sleep(2)

def count_words(given, progress, should_stop):
    """The work itself: it says how far it is, and looks now and then whether it should stop; then it has no result."""
    words, counts = given["text"].split(), {}
    for done, word in enumerate(words, 1):
        if should_stop():
            return None
        time.sleep(given.get("pause", 0))
        counts[word] = counts.get(word, 0) + 1
        progress.update(done=done, of=len(words))
    return counts

def run(worker, task, every):
    lease, progress = {"task_id": task["task_id"], "lease_token": task["lease_token"]}, {}
    ended, revoked = threading.Event(), threading.Event()
    def beat():  # Keeps the task ours while we work, and hears of it when it is called off.
        while not ended.wait(every):
            held = [{**lease, "progress": dict(progress)}]
            if call("heartbeat", worker_id=worker, leases=held)["leases"][0]["status"] != "extended":
                return revoked.set()
    threading.Thread(target=beat, daemon=True).start()
    try:
        data = count_words(task["input"], progress, lambda: revoked.is_set() or stopping.is_set())
        how, more = ("release", {}) if data is None else ("complete", {"data": data})
    except Exception as error:
        how, more = "fail", {"message": repr(error)[:500], "retryable": False}
    ended.set()
    print("called off" if revoked.is_set() else how, task["task_id"], flush=True)
    if not revoked.is_set():
        call(how, worker_id=worker, **lease, **more)

signal.signal(signal.SIGTERM, lambda *_: stopping.set())
worker = call("register", kinds=["wordcount"])["worker_id"]
while not stopping.is_set():
    try:
        leased = call("lease", worker_id=worker, wait_seconds=10, lease_seconds=int(os.environ.get("LEASE_SECONDS", 30)))
        for task in leased["tasks"]:
            run(worker, task, leased["heartbeat_seconds"])
    except urllib.error.HTTPError as error:  # 404: forgotten after a day of silence. 409: the task is another's by now.
        print("refused:", error.code, error.read().decode(), flush=True)
        worker = call("register", kinds=["wordcount"])["worker_id"]
