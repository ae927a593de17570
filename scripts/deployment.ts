/**
 * A deployment as a row of steps, each of which looks first whether it is done already: running all of it again goes on where a failure
 * stopped it, and does nothing where nothing is left to do. What reaches outside comes in as `Ports`.
 */
import { WORKERS } from "./config-files.ts";
import type { WorkerName } from "./config-files.ts";
import {
  configsWith,
  deployArguments,
  environmentsOf,
  migrationArguments,
  NO_IDS,
  queueArguments,
  reasonOf,
} from "./deployment-commands.ts";
import type { Deployment, Ports, WranglerAnswer } from "./deployment-commands.ts";
import { DATABASE, NAMESPACE, nameIn, queuesOf } from "./deployment-configs.ts";
import type { AccountIds } from "./deployment-configs.ts";
import { deployedTag, findId, parseJson, wasMissing } from "./wrangler-answers.ts";

const SMOKE_TRIES = 24;
const SMOKE_PAUSE_MS = 5_000;

class Stop extends Error {}

/** Runs all steps. False where one of them stopped it; where it stands has then been said. */
export async function deploy(plan: Deployment, ports: Ports): Promise<boolean> {
  const run = new Run(plan, ports);
  const steps: readonly (readonly [string, () => Promise<string>])[] = [
    ["account", () => run.account()],
    ["secrets", () => run.secrets()],
    ["database", () => run.database()],
    ["cache namespace", () => run.namespace()],
    ["queues", () => run.queues()],
    ["migrations", () => run.migrations()],
    ...WORKERS.map(({ name }) => [name, () => run.worker(name)] as const),
    ["smoke test", () => run.smokeTest()],
  ];
  for (const [index, [name, step]] of steps.entries()) {
    const place = `${index + 1}/${steps.length} ${name}`;
    try {
      ports.say(`✓ ${place}: ${await step()}`);
    } catch (error) {
      ports.say(`✗ ${place}: ${error instanceof Error ? error.message : String(error)}`);
      ports.say(
        index === 0
          ? "Nothing was changed."
          : `What stands before it is done and will be found done; nothing after it was begun. Put it right and run the same command again: it goes on here.`,
      );
      return false;
    }
  }
  return true;
}

class Run {
  readonly #plan: Deployment;
  readonly #ports: Ports;
  readonly #named: (name: string) => string;
  #ids: AccountIds = NO_IDS;
  #paths: Readonly<Record<WorkerName, string>> | null = null;
  /** Where the secrets stand that the API gets with its next version; null where it lacks none. */
  #secretsFile: string | null = null;
  #hasDatabase = false;
  #url: string | null;

  constructor(plan: Deployment, ports: Ports) {
    this.#plan = plan;
    this.#ports = ports;
    this.#url = plan.url;
    this.#named = (name) => nameIn(plan.environment, name);
  }

  async account(): Promise<string> {
    const answer = await this.#ports.wrangler(["whoami", "--json"]);
    if (!answer.isOk)
      throw new Stop(
        "nobody is logged in. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.",
      );
    return "logged in";
  }

  /** Collects what the API lacks. First of all steps that make anything, so that what is made is kept before anything can fail. */
  async secrets(): Promise<string> {
    const { secrets: given, neededSecrets: needed } = this.#plan;
    const there = await this.#deployedSecrets();
    const missing = needed.filter((name) => !there.includes(name));
    // A value that somebody hands over is meant, also where there is one already.
    const collected: Record<string, string> = { ...given };
    const kept = this.#ports.keptSecrets();
    const made: Record<string, string> = {};
    for (const name of missing.filter((one) => collected[one] === undefined)) {
      const known = kept[name];
      if (known !== undefined) {
        collected[name] = known;
        continue;
      }
      const value = await this.#find(name);
      collected[name] = value;
      made[name] = value;
    }
    if (Object.keys(collected).length === 0) return `all ${needed.length} are there`;
    this.#secretsFile = this.#ports.keepSecrets(collected);
    return `${Object.keys(collected).join(", ")} will be set with the API${Object.keys(made).length > 0 ? `; kept in ${this.#secretsFile} until then` : ""}`;
  }

  async database(): Promise<string> {
    const name = this.#named(DATABASE);
    const find = async (): Promise<string | null> =>
      findId(await this.#json(["d1", "list", "--json"]), "name", name, "uuid");
    const known = await find();
    if (known !== null) {
      this.#ids = { ...this.#ids, databaseId: known };
      return `${name} is there`;
    }
    await this.#must(["d1", "create", name]);
    const made = await find();
    if (made === null) throw new Stop(`${name} was created and is not listed yet`);
    this.#ids = { ...this.#ids, databaseId: made };
    return `${name} is made`;
  }

  async namespace(): Promise<string> {
    const name = this.#named(NAMESPACE);
    const find = async (): Promise<string | null> =>
      findId(await this.#json(["kv", "namespace", "list"]), "title", name, "id");
    const known = await find();
    if (known === null) await this.#must(["kv", "namespace", "create", name]);
    const id = known ?? (await find());
    if (id === null) throw new Stop(`${name} was created and is not listed yet`);
    this.#ids = { ...this.#ids, namespaceId: id };
    this.#paths = this.#ports.writeConfigs(configsWith(this.#plan, this.#ids));
    return `${name} is ${known === null ? "made" : "there"}`;
  }

  async queues(): Promise<string> {
    const names = queuesOf(Object.values(environmentsOf(this.#plan, this.#ids)));
    const made: string[] = [];
    for (const queue of names) {
      const known = await this.#ports.wrangler(["queues", "info", queue]);
      if (known.isOk) continue;
      if (!wasMissing(known)) throw new Stop(reasonOf(known));
      await this.#must(queueArguments(queue));
      made.push(queue);
    }
    return made.length === 0 ? `all ${names.length} are there` : `${made.join(", ")} made`;
  }

  /** Before the code: what is deployed bears tables and columns that it does not know, and not the other way round. */
  async migrations(): Promise<string> {
    const answer = await this.#must(migrationArguments(this.#plan, this.#path("naru")));
    const applied = new Set(answer.out.match(/\d{4}_\w+\.sql/g) ?? []);
    return applied.size === 0 ? "none to apply" : `${applied.size} applied`;
  }

  async worker(name: WorkerName): Promise<string> {
    const secretsFile = name === "naru" ? this.#secretsFile : null;
    const { release } = this.#plan;
    if (secretsFile === null && (await deployedTag(this.#named(name), this.#ports)) === release)
      return `${release} is deployed already`;
    const answer = await this.#must([
      ...deployArguments(this.#plan, this.#path(name)),
      ...(secretsFile === null ? [] : [`--secrets-file=${secretsFile}`]),
    ]);
    if (name === "naru") {
      const told = /https:\/\/[^\s"']+/.exec(answer.out)?.[0];
      if (told !== undefined && this.#plan.url === null) {
        this.#url = told;
        this.#ports.rememberUrl(told);
      }
    }
    return `${release} is deployed`;
  }

  /** Whether what was deployed is what answers. A new version takes some seconds to reach every place, a new name minutes. */
  async smokeTest(): Promise<string> {
    if (this.#url === null)
      return "left out: nobody said where it answers. Set PUBLIC_URL in [env.production.vars], or pass --url.";
    const url = new URL("/health", this.#url).href;
    let last = "no answer";
    for (let i = 0; i < SMOKE_TRIES; i++) {
      if (i > 0) await this.#ports.pause(SMOKE_PAUSE_MS);
      const answer = await this.#ports.fetch(url);
      if (answer === null) continue;
      const health = parseJson(answer.text) as {
        version?: string;
        status?: string;
        environment_validation?: { faults?: { message: string; fix: string }[] };
      } | null;
      last = `${answer.status} ${health?.status ?? ""} ${health?.version ?? ""}`.trim();
      if (answer.status === 200 && health?.version === this.#plan.version)
        return `${url} is ${health.status ?? "there"}, version ${health.version}`;
      // It will not get better by itself.
      const [fault] = health?.environment_validation?.faults ?? [];
      if (answer.status === 503 && fault !== undefined)
        throw new Stop(`${url} is unhealthy: ${fault.message} ${fault.fix}`);
    }
    throw new Stop(
      `${url} does not tell the version ${this.#plan.version}; the last answer: ${last}`,
    );
  }

  async #deployedSecrets(): Promise<string[]> {
    const answer = await this.#ports.wrangler(["secret", "list", "--name", this.#named("naru")]);
    if (answer.isOk)
      return ((parseJson(answer.out) ?? []) as { name: string }[]).map(({ name }) => name);
    if (!wasMissing(answer)) throw new Stop(reasonOf(answer));
    // Without the Worker there may still be its database: what is in it was sealed with keys that are to be given, not made.
    const databases = await this.#json(["d1", "list", "--json"]);
    this.#hasDatabase = findId(databases, "name", this.#named(DATABASE), "uuid") !== null;
    return [];
  }

  async #find(name: string): Promise<string> {
    if (name === "ENCRYPTION_KEYS" && this.#hasDatabase)
      throw new Stop(
        `there is a database ${this.#named(DATABASE)} and no ENCRYPTION_KEYS for what is sealed in it. Give the keys that it was written with: --secrets-file, or ENCRYPTION_KEYS in the environment.`,
      );
    const make = this.#ports.make[name];
    if (make !== undefined) {
      if (this.#plan.mayMakeUnseen) return make();
      const answer = await this.#ports.ask(`${name} (empty: one is made): `);
      if (answer === null)
        throw new Stop(
          `${name} is missing and nobody can be asked. Give it with --secrets-file or in the environment, or allow with --make-secrets that it is made and kept in a file.`,
        );
      return answer === "" ? make() : answer;
    }
    const answer = await this.#ports.ask(`${name}: `);
    if (answer === null || answer === "")
      throw new Stop(`${name} is missing. Give it with --secrets-file or in the environment.`);
    return answer;
  }

  #path(name: WorkerName): string {
    if (this.#paths === null) throw new Error("The configurations are not written yet.");
    return this.#paths[name];
  }

  async #must(commandArguments: readonly string[]): Promise<WranglerAnswer> {
    const answer = await this.#ports.wrangler(commandArguments);
    if (!answer.isOk)
      throw new Stop(`wrangler ${commandArguments.slice(0, 3).join(" ")}: ${reasonOf(answer)}`);
    return answer;
  }

  async #json(commandArguments: readonly string[]): Promise<unknown> {
    const { out } = await this.#must(commandArguments);
    const value = parseJson(out);
    if (value === null)
      throw new Stop(`wrangler ${commandArguments.join(" ")} answered something that is not JSON`);
    return value;
  }
}
