// A set of flags that uses every kind of rule, and contexts to evaluate it with.
const rule = (targeting, more = {}) => ({state: 'ENABLED', variants: {a: 'A', b: 'B', c: 'C', true: 'yes', false: 'no', 1: 'one', 2: 'two'}, defaultVariant: 'c', targeting, ...more});
const on = (condition) => rule({if: [condition, 'a', 'b']});
const v = (name, ...more) => ({var: [name, ...more]});

export const flags = {
  metadata: {set: 'test'},
  $evaluators: {
    isGold: {and: [{in: [{var: 'plan'}, ['gold', 'platinum']]}, {$ref: 'isPolish'}]}, // flagd puts the first in first
    isPolish: {'==': [{var: 'country'}, 'PL']},
  },
  flags: {
    plain_boolean: {state: 'ENABLED', variants: {on: true, off: false}, defaultVariant: 'on'},
    plain_text: {state: 'ENABLED', variants: {x: 'ex', y: 'why'}, defaultVariant: 'y'},
    plain_number: {state: 'ENABLED', variants: {few: 1, half: 0.5, many: 1000000}, defaultVariant: 'half', metadata: {team: 'shop'}},
    plain_object: {state: 'ENABLED', variants: {x: {size: 1, name: 'n'}, y: {size: 2, name: 'm'}}, defaultVariant: 'x'},
    disabled: {state: 'DISABLED', variants: {on: true, off: false}, defaultVariant: 'on'},
    no_default: {state: 'ENABLED', variants: {on: true, off: false}},
    no_default_with_rule: {state: 'ENABLED', variants: {on: true, off: false}, targeting: {if: [{'==': [{var: 'country'}, 'PL']}, 'on', null]}},
    unknown_variant: rule({if: [{'==': [{var: 'country'}, 'PL']}, 'nowhere', 'a']}),
    equal: on({'==': [{var: 'country'}, 'PL']}),
    unequal: on({'!=': [{var: 'country'}, 'PL']}),
    strictly: on({'===': [{var: 'age'}, 42]}),
    strictly_not: on({'!==': [{var: 'age'}, '42']}),
    loosely: on({'==': [{var: 'age'}, '42']}),
    is_null: on({'==': [{var: 'nothing'}, null]}),
    less: on({'<': [{var: 'age'}, 40]}),
    between: on({'<=': [18, {var: 'age'}, 40]}),
    more: on({'>': [{var: 'score'}, 0.5]}),
    at_least: on({'>=': [{var: 'score'}, {var: 'age'}]}),
    texts: on({'<': [{var: 'country'}, {var: 'plan'}]}),
    negated: on({'!': {var: 'beta'}}),
    doubly: on({'!!': [{var: 'email'}]}),
    both: on({and: [{var: 'beta'}, {'>': [{var: 'age'}, 20]}, {'==': [{var: 'country'}, 'DE']}]}),
    either: on({or: [{var: 'beta'}, {'==': [{var: 'plan'}, 'gold']}]}),
    gives_or: rule({or: [{if: [{var: 'beta'}, 'a']}, {if: [{'==': [{var: 'plan'}, 'gold']}, 'b']}]}),
    among: on({in: [{var: 'country'}, ['PL', 'DE', 42]]}),
    within: on({in: ['example', {var: 'email'}]}),
    in_list: on({in: ['vip', {var: 'tags'}]}),
    referred: on({$ref: 'isGold'}),
    nested: on({'==': [{var: 'address.city'}, 'Kraków']}),
    listed: on({'==': [{var: 'tags.0'}, 'vip']}),
    fallback: on({'==': [v('plan', 'free'), 'free']}),
    chain: rule({if: [{'==': [{var: 'country'}, 'PL']}, 'a', {'==': [{var: 'country'}, 'DE']}, 'b', {'<': [{var: 'age'}, 30]}, null, 'c']}),
    two_ways: rule({if: [{'==': [{var: 'country'}, 'PL']}, 'a']}),
    boolean_variant: rule({'==': [{var: 'country'}, 'PL']}),
    number_variant: rule({if: [{var: 'beta'}, 1, 2]}),
    joined: on({'==': [{cat: [v('country', ''), '-', v('age', '')]}, 'PL-42']}),
    sum: on({'>': [{'+': [{var: 'age'}, 10, '5']}, 60]}),
    difference: on({'==': [{'-': [{var: 'age'}, 2]}, 40]}),
    product: on({'>=': [{'*': [{var: 'score'}, 100]}, 50]}),
    quotient: on({'<': [{'/': [{var: 'age'}, 2]}, 20]}),
    rest: on({'==': [{'%': [{var: 'age'}, 2]}, 0]}),
    least: on({'==': [{min: [18, {'+': [{var: 'age'}]}]}, 18]}),
    greatest: on({'>': [{max: [18, {'+': [{var: 'age'}]}]}, 18]}),
    starts: on({starts_with: [{var: 'email'}, 'ada']}),
    ends: on({ends_with: [{var: 'email'}, '@example.com']}),
    version: on({sem_ver: [{var: 'version'}, '>=', '2.1.0']}),
    version_same_major: on({sem_ver: [{var: 'version'}, '^', 'v2.0.0']}),
    version_same_minor: on({sem_ver: [{var: 'version'}, '~', '2.1']}),
    version_equal: on({sem_ver: [{var: 'version'}, '=', '2.1.0-rc.1']}),
    version_unequal: on({sem_ver: [{var: 'version'}, '!=', '2.1.0']}),
    version_less: on({sem_ver: [{var: 'version'}, '<', '2.1.0-rc.2']}),
    version_wrong: on({sem_ver: [{var: 'version'}, '<>', '2.1.0']}),
    halves: rule({fractional: [['a', 50], ['b', 50]]}),
    thirds: rule({fractional: [['a'], ['b'], ['c']]}),
    few: rule({fractional: [['a', 1], ['b', 99]]}),
    weights: rule({fractional: [['a', 10], ['b', 0], ['c', 3], ['true', 7]]}),
    by_email: rule({fractional: [{var: 'email'}, ['a', 25], ['b', 25], ['c', 50]]}),
    by_both: rule({fractional: [{cat: [{var: '$flagd.flagKey'}, v('country', '')]}, ['a', 25], ['b', 75]]}),
    share_of_some: rule({if: [{'==': [{var: 'country'}, 'PL']}, {fractional: [['a', 50], ['b', 50]]}, 'c']}),
    wrong_weights: rule({fractional: [['a', 0.5], ['b', 0.5]]}),
    wrong_buckets: rule({fractional: ['a', 'b']}),
    no_buckets: rule({fractional: [{var: 'email'}]}),
    flag_key: on({'==': [{var: '$flagd.flagKey'}, 'flag_key']}),
  },
};

// A sequence that is the same everywhere (mulberry32).
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
export function* contexts(count) {
  const next = random(7);
  const one = (...values) => values[Math.floor(next() * values.length)];
  for (let i = 0; i < count; ++i) {
    const context = {};
    const put = (name, ...values) => { const value = one(undefined, ...values); if (value !== undefined) context[name] = value; };
    if (next() < 0.95) context.targetingKey = `user-${Math.floor(next() * 1e9)}`;
    put('country', 'PL', 'DE', 'US', '', null);
    put('age', 17, 18, 40, 42, 42.5, '42', 'old', 0, -1, null, true);
    put('score', 0.1, 0.5, 0.51, 1, 42, '0.7', '');
    put('plan', 'free', 'gold', 'platinum', null);
    put('beta', true, false, 1, 0, '', '0', 'no', null);
    put('email', 'ada@example.com', 'bob@example.org', 'ada@test', '', 7, `${Math.floor(next() * 1e6)}@example.com`);
    put('tags', ['vip'], ['new', 'vip'], []);
    put('address', {city: 'Kraków'}, {city: 'Berlin'}, {}, 'none');
    put('version', '2.1.0', 'v2.1.0', '2.1.0-rc.1', '2.1.0-rc.1.1', '2.1.0-rc.11', '2.1.0-alpha', '2.0.9', '3.0.0+build.5', '2', '2.1', 'V2.2', '1.10.0', '01.2.3', 'next', '2.0.0.0', '', 2, 2.1);
    yield context;
  }
}
