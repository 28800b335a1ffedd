import { type ImageTarget, type ModeVerdict, osVersionText, type Verdict, waysOut } from '../../rules/index.js';

/** A verdict as `--json` prints it: versions as text, the release's data left out. */
export function verdictJson(verdict: Verdict): Readonly<Record<string, unknown>> {
  const { host, image, modes, answer, licence } = verdict;
  const { id, name, kind, edition, build, revision, engine } = host;
  return {
    image: imageJson(image),
    host: { id, name, kind, edition, build, ...(revision === undefined ? {} : { revision }), engine },
    ruleset: verdict.ruleset,
    strict: verdict.strict,
    defaultIsolation: verdict.defaultIsolation,
    isolation: verdict.isolation,
    answer,
    runs: answer === 'allowed' && licence.answer !== 'refused',
    process: modeJson(modes.process),
    hyperv: modeJson(modes.hyperv),
    refusals: verdict.refusals,
    warnings: verdict.warnings,
    licence,
    waysOut: waysOut(verdict),
  };
}

function imageJson({ label, osVersion, product }: ImageTarget): Readonly<Record<string, unknown>> {
  return {
    name: label,
    ...(osVersion === undefined ? {} : { osVersion: osVersionText(osVersion) }),
    ...(product === undefined ? {} : { product }),
  };
}

function modeJson({ answer, reason, source, refusals, disagreements }: ModeVerdict): Readonly<Record<string, unknown>> {
  return { answer, reason, source, refusals, disagreements };
}
