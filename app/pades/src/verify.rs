//! Verification of any PDF: every signature by itself, what it covers, what came after it, whom it leads to, and since when it is proven.
//!
//! After ETSI EN 319 102-1 §5.6.3: the document time stamps first, the newest one first, each proving what it covers; then the signatures.

mod changes;
mod level;
mod place;
mod signature;
mod stamps;

use crate::cms::Cms;
use crate::dss::stored;
use crate::examine::{Examined, examine};
use crate::judge::{Evidence, Held, Judge, Proofs, embedded};
use crate::locate::{Located, SubFilter};
use crate::pdf::Pdf;
use crate::report::{Report, SignatureReport};
use crate::trust::Trusted;
use crate::tsp::{self, ExaminedToken};
use crate::{Error, Finding, Limits, Stored, Trust, locate_signatures};
use changes::Changes;
use stamps::Stamp;

/// Verifies every signature and document time stamp of `pdf` at the time `trust.at`.
///
/// # Errors
/// `Error::Malformed` or `Error::TooLarge` when the file cannot be read as a PDF at all, `Error::Signature` when `trust` itself cannot be
/// read. A signature that does not hold is no error but an entry in the report.
pub fn verify(pdf: &[u8], trust: &Trust) -> Result<Report, Error> {
    verify_stored(&Stored::new(pdf), trust)
}

/// The same for a file that may be hashed already, or whose hashing goes on afterwards.
///
/// # Errors
/// As `verify`.
pub fn verify_stored(stored: &Stored<'_>, trust: &Trust) -> Result<Report, Error> {
    let trusted = Trusted::read(trust)?;
    let pdf = stored.bytes();
    let file = Pdf::parse_patiently(pdf, &Limits::default())?;
    let mut located = locate_signatures(&file)?;
    affordable(pdf, &located)?;
    let changes = Changes::after_first_signature(&file, &located);
    let (held, mut remarks) = held(&file, &located);
    if file.misplaced() {
        let text = "The file's table of contents points beside its parts (offsets at white space), which every reader mends in its own way.";
        for signature in &mut located {
            signature.unjudgeable.push(Finding::new("offsets", "cross-reference", text));
        }
    }
    let evidence = Evidence::read(&held);
    remarks.extend(evidence.remarks.iter().cloned());
    let judge = Judge::new(&trusted, &evidence);
    let mut verification = Verification {
        file: stored,
        trusted: &trusted,
        evidence: &evidence,
        judge: &judge,
        changes: &changes,
        proofs: Proofs::new(trusted.at),
        stamps: Vec::new(),
        remarks,
    };
    let seen: Vec<Seen> = located.iter().map(|located| verification.look(located)).collect();
    let mut reports: Vec<Option<SignatureReport>> = located.iter().map(|_| None).collect();
    for (index, (located, seen)) in located.iter().zip(&seen).enumerate().rev() {
        if let Seen::TimeStamp(examined) = seen {
            reports[index] = Some(verification.document_time_stamp(located, examined));
        }
    }
    for (index, (located, seen)) in located.iter().zip(&seen).enumerate() {
        if let Seen::Signature(examined) = seen {
            reports[index] = Some(verification.signature(located, examined));
        }
    }
    Ok(Report::new(reports.into_iter().flatten().collect()))
}

/// One file under verification.
struct Verification<'v> {
    /// Hashed once, however many signatures cover it.
    file: &'v Stored<'v>,
    trusted: &'v Trusted<'v>,
    evidence: &'v Evidence<'v>,
    judge: &'v Judge<'v>,
    changes: &'v Changes,
    /// What the document time stamps that hold prove; grows from the newest to the oldest.
    proofs: Proofs,
    /// Those that hold.
    stamps: Vec<Stamp>,
    /// Remarks about the file as a whole.
    remarks: Vec<Finding>,
}

/// A signature or a document time stamp by itself.
enum Seen {
    Signature(Box<Examined>),
    TimeStamp(Box<ExaminedToken>),
}

impl Verification<'_> {
    fn look(&self, located: &Located) -> Seen {
        let digest = |digest| self.file.signed_digest(located.byte_range, digest);
        if located.sub_filter != Some(SubFilter::DocTimeStamp) {
            return Seen::Signature(Box::new(examine(&located.cms, &digest)));
        }
        let known: Vec<_> = self.trusted.intermediates.iter().chain(self.evidence.certificates.iter().map(|(certificate, _)| certificate)).cloned().collect();
        let mut examined = tsp::examine(&located.cms, &known);
        if examined.verdict.is_none() {
            examined.verdict = examined.check_imprint(&located.field, digest).err();
        }
        Seen::TimeStamp(Box::new(examined))
    }
}

/// What the file brings as evidence. A store that cannot be read brings nothing, and is remarked on.
fn held(file: &Pdf<'_>, located: &[Located]) -> (Vec<Held>, Vec<Finding>) {
    let (mut held, mut remarks): (Vec<Held>, Vec<Finding>) = (Vec::new(), Vec::new());
    match stored(file) {
        Ok(items) => held.extend(items.into_iter().map(Held::from)),
        Err(error) => remarks.push(Finding::new("dss-unreadable", "DSS", error.to_string())),
    }
    for signature in located {
        if let (Some(revision), Ok(cms)) = (signature.revision, Cms::parse(&signature.cms)) {
            // its own revision leaves the value of a signature out
            held.extend(embedded(&cms, revision + 1));
        }
    }
    (held, remarks)
}

/// Signatures of one file: there is one in a revision.
const MAX_SIGNATURES: usize = 512;
/// Bytes that all signatures together may cover: fifty over a file of 20 MB. Hashing them is most of what a report costs.
const MAX_COVERED: u64 = 1 << 30;

/// A file of thousands of signatures over all of it would take minutes.
fn affordable(pdf: &[u8], located: &[Located]) -> Result<(), Error> {
    if located.len() > MAX_SIGNATURES {
        return Err(Error::TooLarge { what: "signatures", limit: MAX_SIGNATURES });
    }
    let covers = |signature: &Located| signature.byte_range[1].saturating_add(signature.byte_range[3]).min(pdf.len() as u64);
    if located.iter().map(covers).sum::<u64>() > MAX_COVERED {
        return Err(Error::TooLarge { what: "bytes under signatures", limit: MAX_COVERED as usize });
    }
    Ok(())
}
