//! Validation in the past: the control time slides back to when everything about a chain was still known to be good
//! (ETSI EN 319 102-1 §5.6.2.2).

use std::rc::Rc;

use super::Proofs;
use super::statement::Statement;
use crate::certificate::Certificate;
use crate::trust::CLOCK_TOLERANCE;

/// The latest time at which the whole chain was known to be good, unix seconds; `None` where something is not known.
pub(super) fn control_time(chain: &[Certificate], links: &[Rc<Vec<Statement>>], at: i64, proofs: &Proofs) -> Option<i64> {
    let mut control = at;
    // from the anchor's end, the anchor itself left out
    for (certificate, statements) in chain.iter().zip(links).rev() {
        // it must have been issued, and be proven to have existed, by the control time; and while the certificate ran, as those that have
        // ended are no longer spoken of
        let usable = |statement: &&Statement| {
            let there = statement.issued_at <= control + CLOCK_TOLERANCE && proofs.of(statement.revision) <= control;
            there && (statement.issued_at <= certificate.not_after() || statement.revoked.is_some())
        };
        let usable: Vec<&Statement> = statements.iter().filter(usable).collect();
        let newest = usable.iter().max_by_key(|statement| statement.issued_at)?;
        if let Some(revoked) = usable.iter().filter_map(|statement| statement.revoked).min() {
            control = control.min(revoked);
        } else if control > newest.until {
            control = control.min(newest.issued_at);
        }
        control = control.min(certificate.not_after());
    }
    Some(control)
}
