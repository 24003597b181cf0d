//! What the server takes as the next revision: its own prediction filled with a CMS, or a whole file from another PAdES program.

use crate::algorithm::raw_from_der;
use crate::certificate::Certificate;
use crate::chain::{check_carried, check_uses};
use crate::cms::Cms;
use crate::examine::{Examined, examine};
use crate::locate::{Coverage, Located, SubFilter};
use crate::mdp::Permissions;
use crate::pdf::{Pdf, Revision, is_space};
use crate::report::{SubIndication, Verdict};
use crate::trust::CLOCK_TOLERANCE;
use crate::{Comparison, Digest, Error, Filled, Finding, Known, Limits, SignatureParameters, Stored, compare, locate_signatures, prepare_stored};

mod made;

/// Longest revision that an outside program may add: a picture of a seal fits, a second document hardly.
const MAX_OUTSIDE_TAIL: usize = 2 * 1024 * 1024;
/// How old the time in an outside signature may be, seconds: sign today, send today.
const MAX_OUTSIDE_AGE: i64 = 24 * 3600;

/// Whose signature is expected.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The certificates that this account may sign with, DER, byte for byte as issued.
    pub certificates: Vec<Vec<u8>>,
    /// The certificate of the authority that issued them, DER.
    pub issuer: Vec<u8>,
    /// The certificates of all its other levels, which the signature may carry, the root's too, DER.
    pub intermediates: Vec<Vec<u8>>,
    /// The server's time, unix seconds.
    pub at: i64,
    /// Serial numbers that are revoked, most significant byte first.
    pub revoked: Vec<Vec<u8>>,
    /// The signer's name; where it is empty, what an outside signature says of it is not compared.
    pub name: String,
    /// The decision in words, which the reason in an outside signature may not contradict; where it is empty, none is compared.
    pub reason: String,
    /// Whether another program makes the field together with its signature; else the field is there, empty.
    pub new_field: bool,
}

/// An accepted revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The whole next revision.
    pub revision: Vec<u8>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Makes the next revision from `parameters` and puts `cms` into it, when that is the signature that was expected: every byte of the
/// revision is the server's own, and every byte of the CMS but the signature value is predicted.
///
/// # Errors
/// `Error::Signature` with the ETSI indication, or what `prepare` refuses.
pub fn accept(original: &[u8], parameters: &SignatureParameters, cms: &[u8], expected: &Expected) -> Result<Vec<u8>, Error> {
    accept_stored(&Stored::new(original), parameters, cms, expected, &Known::default()).map(|accepted| accepted.revision)
}

/// The same for a revision that is hashed already, by one who remembers which certificates were issued by whom.
///
/// # Errors
/// As `accept`.
pub fn accept_stored(stored: &Stored<'_>, parameters: &SignatureParameters, cms: &[u8], expected: &Expected, known: &Known) -> Result<Accepted, Error> {
    let prepared = prepare_stored(stored, parameters)?;
    let examined = examine(cms, &|digest| (digest == Digest::Sha256).then(|| prepared.digest().to_vec()));
    let signer = sound(&examined)?;
    authorise(signer, expected, parameters.signed_at, known)?;
    let carried = |der: &[u8]| der == expected.issuer || expected.intermediates.iter().any(|one| one == der);
    if !examined.others.iter().all(|other| carried(other.der())) {
        return Err(unpredicted().into());
    }
    // r and s are the only numbers that may be anything, and `examine` has just found that this key made them
    let raw = Cms::parse(cms).ok().and_then(|parts| raw_from_der(parts.signature, 32)).and_then(|raw| raw.try_into().ok());
    let signed = prepared.to_be_signed_by(signer.clone())?.signed_unverified(&raw.ok_or_else(unpredicted)?, &examined.others)?;
    if signed.cms() != cms {
        return Err(unpredicted().into());
    }
    let revision = [stored.bytes(), signed.tail()].concat();
    Ok(Accepted { revision, sha256: stored.followed_by(&[signed.tail()]) })
}

/// What a document is before somebody signs it elsewhere: enough to know it again as the beginning of a longer file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// How many bytes it has.
    pub length: usize,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

/// Takes a whole signed file from another program: `original` is its exact beginning, and its one new revision does nothing but fill
/// `field`, or make and fill it ([`Expected::new_field`]), with a sound signature of an expected certificate. Gives the file back.
///
/// # Errors
/// `Error::Signature` with the ETSI indication, `Error::Malformed` when the file is no PDF.
pub fn accept_outside(original: &[u8], signed: &[u8], field: &str, expected: &Expected) -> Result<Vec<u8>, Error> {
    let before = Before { length: original.len(), sha256: Stored::new(original).sha256() };
    accept_outside_stored(&before, &Stored::new(signed), field, expected, &Known::default())?;
    Ok(signed.to_vec())
}

/// The same by one who has the document's digest, and remembers which certificates were issued by whom: every byte is hashed once, and the
/// document itself need not be fetched. Gives the SHA-256 of the signed file.
///
/// # Errors
/// As `accept_outside`.
pub fn accept_outside_stored(before: &Before, whole: &Stored<'_>, field: &str, expected: &Expected, known: &Known) -> Result<[u8; 32], Error> {
    let signed = whole.bytes();
    let wrong = |rule: &str, text: &str| Error::from(Verdict::new(SubIndication::FormatFailure, rule, field, text));
    let Some(original) = signed.get(..before.length).filter(|original| original.len() < signed.len() && whole.sha256_until(original.len()) == before.sha256)
    else {
        return Err(wrong("prefix", "the file does not begin with exactly the document as it is here"));
    };
    if signed.len() - original.len() > MAX_OUTSIDE_TAIL {
        return Err(wrong("tail-size", "the signature adds more than 2 MiB to the document"));
    }
    let file = Pdf::parse(signed, &Limits::default())?;
    let before = file.revisions().len() - 1;
    // what the document is by itself, the file says too, where the last revision but one ends the document: then its `startxref` is the
    // document's own, and the way back from there is the same
    let ends = |revision: &Revision| original.get(revision.end..).is_some_and(|rest| rest.iter().all(|&byte| is_space(byte)));
    if before == 0 || !ends(&file.revisions()[before - 1]) {
        return Err(wrong("revisions", "the file adds more than one revision to the document"));
    }
    let located = locate_signatures(&file)?;
    let located = only_new_signature(&located, field, before)?;
    let comparison = compare(&file, before)?;
    let filled = only_fills(&comparison, field, expected.new_field)?;
    if filled.created {
        made::check(&file, before, filled, &comparison)?;
    }
    if Permissions::of(file.latest())? != Permissions::of(file.view(before - 1))? {
        return Err(constraint("mdp", field, "the signature forbids what others are still to do: sign without certifying or locking the document").into());
    }
    let examined = examine(&located.cms, &|digest| whole.signed_digest(located.byte_range, digest));
    let signer = sound(&examined)?;
    baseline(&examined)?;
    words(located, signer, expected)?;
    let claimed = located.signed_at.ok_or_else(|| constraint("time-missing", "M", "the signature does not say when it was made (/M)"))?;
    if claimed < expected.at - MAX_OUTSIDE_AGE {
        return Err(constraint("time-too-old", "M", "the signature says that it was made more than a day ago").into());
    }
    authorise(signer, expected, claimed, known)?;
    // every level of the chain may be there, the root too, which nobody but itself has signed
    let mut known = vec![signer.clone(), Certificate::read(&expected.issuer)?];
    for level in &expected.intermediates {
        known.push(Certificate::read(level)?);
    }
    check_carried(&examined.others, &known)?;
    Ok(whole.sha256())
}

/// The one signature that the last revision brought, sound in its place.
fn only_new_signature<'a>(located: &'a [Located], field: &str, revision: usize) -> Result<&'a Located, Verdict> {
    let wrong = |rule: &str, text: &str| Verdict::new(SubIndication::FormatFailure, rule, field, text);
    let mut named = located.iter().filter(|signature| signature.field == field);
    let found = named.next().ok_or_else(|| wrong("field-empty", "the file has no signature in the field that was to be filled"))?;
    if let Some(fault) = located.iter().find_map(Located::unsound) {
        return Err(Verdict { sub_indication: SubIndication::FormatFailure, finding: fault.clone() });
    }
    if found.coverage != Coverage::WholeFile || found.revision != Some(revision) || named.next().is_some() {
        return Err(wrong("byte-range", "the signature does not cover the whole file"));
    }
    if found.sub_filter != Some(SubFilter::CadesDetached) {
        return Err(wrong("sub-filter", "the signature is not a PAdES signature (ETSI.CAdES.detached)"));
    }
    Ok(found)
}

fn only_fills<'a>(comparison: &'a Comparison, field: &str, new_field: bool) -> Result<&'a Filled, Verdict> {
    let format = |finding: Finding| Verdict { sub_indication: SubIndication::FormatFailure, finding };
    if let Some(finding) = comparison.forbidden.first() {
        return Err(format(finding.clone()));
    }
    // the next revision would bring an object of just that number, and who compares would take it for one that was waited for
    if let Some(finding) = comparison.allowed.iter().find(|finding| finding.rule == "awaiting") {
        return Err(format(finding.clone()));
    }
    match comparison.filled.as_slice() {
        [filled] if filled.name == field && filled.covers_page => {
            Err(format(Finding::new("seal-size", field, "the seal covers most of the page: sign without one, or sign here, where its place can be chosen")))
        }
        [filled] if filled.name == field && filled.created == new_field && !comparison.validation_data => Ok(filled),
        _ => Err(format(Finding::new("only-this-field", field, "the file changes more than the one signature field that was to be filled"))),
    }
}

fn baseline(examined: &Examined) -> Result<(), Verdict> {
    if let Some(finding) = examined.shortcomings.first() {
        return Err(Verdict { sub_indication: SubIndication::SigConstraintsFailure, finding: finding.clone() });
    }
    if examined.extras {
        return Err(constraint("unsigned-attributes", "CMS", "the signature carries more than a signature and a time stamp"));
    }
    Ok(())
}

/// What a signature says to people must not speak against the decision that it is: whoever prints or opens it reads that first. Place,
/// contact and any other reason are the signer's own words, and shown as such.
fn words(located: &Located, signer: &Certificate, expected: &Expected) -> Result<(), Verdict> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let other = |said: &Option<String>, known: &[&str]| {
        let said = said.as_deref().map(plain).filter(|said| !said.is_empty())?;
        (known.iter().all(|known| plain(known) != said)).then_some(said)
    };
    let own = signer.common_name();
    if let Some(said) = other(&located.name, &[&expected.name, &own]).filter(|_| !expected.name.is_empty()) {
        let text = format!("the signature gives another name (/Name) than its signer's: “{said}” instead of “{}”", expected.name);
        return Err(constraint("name", "Name", &text));
    }
    if let Some(said) = other(&located.reason, &[&expected.reason]).filter(|said| contradicts(said, &plain(&expected.reason))) {
        let text = format!("the reason in the signature (/Reason), “{said}”, speaks against the decision: “{}”", expected.reason);
        return Err(constraint("reason", "Reason", &text));
    }
    Ok(())
}

/// Words that deny, beginnings of such words, and Chinese that does.
const DENIALS: [&str; 12] = ["no", "not", "nor", "never", "cannot", "without", "against", "void", "deny", "denied", "false", "fake"];
const DENYING: [&str; 12] =
    ["reject", "refus", "declin", "disagree", "disapprov", "objection", "invalid", "revok", "withdraw", "protest", "unapprov", "unauthor"];
const DENIALS_ZH: [char; 9] = ['不', '未', '否', '驳', '拒', '反', '无', '撤', '非'];

/// Whether a reason in small letters denies, or is about another document than `decision` is. Rather too often than too seldom: without a reason
/// every decision may be signed.
fn contradicts(reason: &str, decision: &str) -> bool {
    if decision.is_empty() {
        return false;
    }
    let words = || reason.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’' && c != '-').filter(|word| !word.is_empty());
    let denies =
        |word: &str| word.ends_with("n't") || word.ends_with("n’t") || DENIALS.contains(&word) || DENYING.iter().any(|denying| word.starts_with(denying));
    // a document's number has two dashes between letters and digits
    let numbered = |word: &str| word.split('-').count() == 3 && word.chars().any(|c| c.is_ascii_digit());
    words().any(|word| denies(word) || (numbered(word) && !decision.contains(word))) || reason.contains(DENIALS_ZH)
}

/// The signer of a signature that holds by itself.
fn sound(examined: &Examined) -> Result<&Certificate, Verdict> {
    match (&examined.verdict, &examined.signer) {
        (Some(verdict), _) => Err(verdict.clone()),
        (None, Some(signer)) => Ok(signer),
        (None, None) => {
            Err(Verdict::new(SubIndication::NoSigningCertificateFound, "signer-missing", "CMS", "the signer's certificate is not in the signature"))
        }
    }
}

/// Whether this certificate may sign here and now. The server's time counts as proof, so an ended certificate is refused outright.
fn authorise(signer: &Certificate, expected: &Expected, claimed: i64, known: &Known) -> Result<(), Error> {
    let issuer = Certificate::read(&expected.issuer)?;
    let serial = signer.serial_hex();
    let refuse = |sub_indication, rule: &str, text: &str| Err(Verdict::new(sub_indication, rule, serial.clone(), text).into());
    if signer.issuer() != issuer.subject() || !known.issued(signer, &issuer) {
        return refuse(SubIndication::NoCertificateChainFound, "issuer", "the signer's certificate was not issued by this system's authority");
    }
    if !expected.certificates.iter().any(|der| der == signer.der()) {
        return refuse(SubIndication::SigConstraintsFailure, "certificate-account", "the signer's certificate does not belong to this account");
    }
    check_uses(&[signer.clone(), issuer])?;
    if expected.revoked.iter().any(|serial| crate::certificate::without_leading_zeros(serial) == signer.serial()) {
        return refuse(SubIndication::Revoked, "revoked", "the signer's certificate is revoked");
    }
    if claimed > expected.at + CLOCK_TOLERANCE {
        return Err(constraint("time-in-future", "M", "the signature claims to be made at a time that is still to come").into());
    }
    if claimed < signer.not_before() || expected.at < signer.not_before() {
        return refuse(SubIndication::NotYetValid, "validity", "the signer's certificate is not valid yet");
    }
    if claimed > signer.not_after() {
        return refuse(SubIndication::Expired, "validity", "the signer's certificate has ended");
    }
    if expected.at > signer.not_after() {
        return refuse(SubIndication::OutOfBoundsNotRevoked, "validity", "the signer's certificate ended before the signature arrived");
    }
    Ok(())
}

fn constraint(rule: &str, object: &str, text: &str) -> Verdict {
    Verdict::new(SubIndication::SigConstraintsFailure, rule, object, text)
}

fn unpredicted() -> Verdict {
    constraint("cms-unpredicted", "CMS", "the signature is not built as Signet's own pages build it")
}
