/**
 * Stands in for `ajv` in the bundle of naru-tools, by `[alias]` in `wrangler.tools.toml`. ESLint checks the options of its
 * rules with validators that ajv generates as code, which the platform forbids once a Worker runs. The options are
 * constants of ours, no caller's, and a test in Node runs them past the real validators.
 *
 * CommonJS, since that is how the package is asked for.
 */
module.exports = class AcceptAll {
  _opts = {};

  addMetaSchema() {}

  /** A validator that finds no fault. */
  compile() {
    return () => true;
  }
};
