//! Certificate policies (RFC 5280 §6.1) without a tree that grows with the paths through it: each policy is one node a level, as RFC 9618
//! replaced the tree, and remembers the policies at the top that lead to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::asn1::{self, Elements, Read};
use crate::certificate::Certificate;

/// Most policies, and most mappings, of one certificate.
const MAX_POLICIES: usize = 128;
const CERTIFICATE_POLICIES: u8 = 32;
const POLICY_MAPPINGS: u8 = 33;
const POLICY_CONSTRAINTS: u8 = 36;
const INHIBIT_ANY_POLICY: u8 = 54;
/// `anyPolicy`, without tag and length.
const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];
const NONE_LEFT: &str = "the policies of the chain leave none that all its certificates follow";

/// An identifier, without tag and length.
type Policy = Vec<u8>;

/// What is asked of the policies from the start (RFC 5280 §6.1.1 (c) to (g)).
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    /// Identifiers (without tag and length) of the policies that will do; `None` for any.
    pub accepted: Option<BTreeSet<Policy>>,
    /// Whether there must be a policy.
    pub explicit: bool,
    /// Whether no policy may be mapped to another.
    pub inhibit_mapping: bool,
    /// Whether anyPolicy counts for nothing.
    pub inhibit_any: bool,
}

/// The state of RFC 5280 §6.1.2, from the authority down.
pub(super) struct PolicyState<'a> {
    asked: &'a Policies,
    explicit: usize,
    mapping: usize,
    any: usize,
    /// The policies that are left at this level.
    level: BTreeMap<Policy, Node>,
}

#[derive(Clone, Default)]
struct Node {
    /// What counts as this policy one level below.
    expected: BTreeSet<Policy>,
    /// The policies in the first authority's words that lead here.
    roots: BTreeSet<Policy>,
}

impl<'a> PolicyState<'a> {
    /// The state above a path of `length` certificates, the anchor not counted.
    pub fn new(asked: &'a Policies, length: usize) -> Self {
        let start = |now: bool| if now { 0 } else { length + 1 };
        let mut level = BTreeMap::new();
        level.insert(ANY.to_vec(), Node { expected: only(ANY), roots: only(ANY) });
        Self { asked, explicit: start(asked.explicit), mapping: start(asked.inhibit_mapping), any: start(asked.inhibit_any), level }
    }

    /// RFC 5280 §6.1.3 (d) to (f).
    pub fn certificate(&mut self, certificate: &Certificate, last: bool) -> Read<()> {
        self.level = match certificate.extension(CERTIFICATE_POLICIES) {
            Some(der) => {
                let any_counts = self.any > 0 || (!last && certificate.self_issued());
                self.next_level(&policies(der)?, any_counts)
            }
            None => BTreeMap::new(),
        };
        if self.explicit == 0 && self.level.is_empty() { Err(NONE_LEFT) } else { Ok(()) }
    }

    fn next_level(&self, policies: &BTreeSet<Policy>, any_counts: bool) -> BTreeMap<Policy, Node> {
        // which nodes expect a policy, and what leads to them: (d)(1)(i) and (d)(2)
        let mut expected: BTreeMap<&Policy, BTreeSet<Policy>> = BTreeMap::new();
        for node in self.level.values() {
            for policy in &node.expected {
                expected.entry(policy).or_default().extend(node.roots.iter().cloned());
            }
        }
        let mut next = BTreeMap::new();
        let node = |policy: &Policy, roots: BTreeSet<Policy>| (policy.clone(), Node { expected: only(policy), roots });
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            if let Some(roots) = expected.get(policy) {
                next.extend([node(policy, roots.clone())]);
            } else if self.level.contains_key(ANY) {
                // (d)(1)(ii)
                next.extend([node(policy, only(policy))]);
            }
        }
        if policies.contains(ANY) && any_counts {
            for (policy, roots) in expected {
                if !next.contains_key(policy) {
                    next.extend([node(policy, roots)]);
                }
            }
        }
        next
    }

    /// RFC 5280 §6.1.4 (a), (b) and (h) to (j): an authority's word on those below it.
    pub fn prepare(&mut self, certificate: &Certificate) -> Read<()> {
        if let Some(der) = certificate.extension(POLICY_MAPPINGS) {
            self.map(mappings(der)?);
        }
        if !certificate.self_issued() {
            for count in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *count = count.saturating_sub(1);
            }
        }
        if let Some(der) = certificate.extension(POLICY_CONSTRAINTS) {
            let (explicit, mapping) = constraints(der)?;
            self.explicit = explicit.map_or(self.explicit, |skip| skip.min(self.explicit));
            self.mapping = mapping.map_or(self.mapping, |skip| skip.min(self.mapping));
        }
        if let Some(der) = certificate.extension(INHIBIT_ANY_POLICY) {
            let skip = count(asn1::whole(der, asn1::INTEGER)?.value)?;
            self.any = self.any.min(skip);
        }
        Ok(())
    }

    /// (b): what the authority calls one policy is another one below it.
    fn map(&mut self, mappings: BTreeMap<Policy, BTreeSet<Policy>>) {
        for (policy, below) in mappings {
            if self.mapping == 0 {
                self.level.remove(&policy);
            } else if let Some(node) = self.level.get_mut(&policy) {
                node.expected = below;
            } else if self.level.contains_key(ANY) {
                let roots = only(&policy);
                self.level.insert(policy, Node { expected: below, roots });
            }
        }
    }

    /// RFC 5280 §6.1.5 (a), (b) and (g).
    pub fn end(&mut self, certificate: &Certificate) -> Read<()> {
        self.explicit = self.explicit.saturating_sub(1);
        if let Some(der) = certificate.extension(POLICY_CONSTRAINTS)
            && constraints(der)?.0 == Some(0)
        {
            self.explicit = 0;
        }
        let left = match &self.asked.accepted {
            None => !self.level.is_empty(),
            Some(accepted) => self.level.iter().any(|(policy, node)| policy == ANY || !node.roots.is_disjoint(accepted)),
        };
        if self.explicit > 0 || left { Ok(()) } else { Err(NONE_LEFT) }
    }
}

/// A set of one.
fn only(policy: &[u8]) -> BTreeSet<Policy> {
    let mut set = BTreeSet::new();
    set.insert(policy.to_vec());
    set
}

/// PolicyInformation of each; the qualifiers are for people.
fn policies(der: &[u8]) -> Read<BTreeSet<Policy>> {
    const WRONG: &str = "the policies of a certificate cannot be read";
    let mut list = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
    let mut found = BTreeSet::new();
    while !list.is_empty() {
        let mut information = list.next(asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
        let policy = information.next(asn1::OID).map_err(|_| WRONG)?.value.to_vec();
        information.optional(asn1::SEQUENCE).map_err(|_| WRONG)?;
        information.end().map_err(|_| WRONG)?;
        if !found.insert(policy) || found.len() > MAX_POLICIES {
            return Err("a certificate has the same policy twice, or more than 128 policies");
        }
    }
    if found.is_empty() { Err(WRONG) } else { Ok(found) }
}

/// By the issuer's policy, the subject's policies.
fn mappings(der: &[u8]) -> Read<BTreeMap<Policy, BTreeSet<Policy>>> {
    const WRONG: &str = "the policy mappings of a certificate cannot be read";
    let mut list = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
    let mut found: BTreeMap<Policy, BTreeSet<Policy>> = BTreeMap::new();
    let mut count = 0;
    while !list.is_empty() {
        let mut pair = list.next(asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
        let issuer = pair.next(asn1::OID).map_err(|_| WRONG)?.value;
        let subject = pair.next(asn1::OID).map_err(|_| WRONG)?.value;
        pair.end().map_err(|_| WRONG)?;
        if issuer == ANY || subject == ANY {
            return Err("a certificate maps a policy from or to “any policy”");
        }
        found.entry(issuer.to_vec()).or_default().insert(subject.to_vec());
        count += 1;
        if count > MAX_POLICIES {
            return Err("a certificate has more than 128 policy mappings");
        }
    }
    if found.is_empty() { Err(WRONG) } else { Ok(found) }
}

/// requireExplicitPolicy and inhibitPolicyMapping.
fn constraints(der: &[u8]) -> Read<(Option<usize>, Option<usize>)> {
    const WRONG: &str = "the policy constraints of a certificate cannot be read";
    let mut parts = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
    let explicit = skip(&mut parts, 0x80)?;
    let mapping = skip(&mut parts, 0x81)?;
    parts.end().map_err(|_| WRONG)?;
    if explicit.is_none() && mapping.is_none() { Err(WRONG) } else { Ok((explicit, mapping)) }
}

fn skip(parts: &mut Elements<'_>, tag: u8) -> Read<Option<usize>> {
    parts.optional(tag)?.map(|element| count(element.value)).transpose()
}

/// A number of certificates; whatever is longer than any chain is all the same.
fn count(integer: &[u8]) -> Read<usize> {
    match integer {
        [] => Err("a number of certificates cannot be read"),
        [first, ..] if *first >= 0x80 => Err("a number of certificates is negative"),
        [one] => Ok(usize::from(*one)),
        _ => Ok(usize::from(u8::MAX)),
    }
}
