//! The chain of cross-reference sections, from `startxref` back through `/Prev`, and the revisions that it makes (ISO 32000-2 §7.5.5, §7.5.6).

use super::document::Revision;
use super::lexer::is_space;
use super::xref::{self, Context, Reading, Section};
use crate::Error;

/// Sections in one chain: more is no document but an attack.
const MAX_SECTIONS: usize = 512;

/// All revisions, oldest first.
pub fn revisions(context: &Context<'_>) -> Result<Vec<Revision>, Error> {
    let mut revisions: Vec<Revision> = Vec::new();
    let mut sections = sections(context)?.into_iter().peekable();
    while let Some(section) = sections.next() {
        let start = revisions.last().map_or(0, |before| before.end);
        let mut revision = Revision {
            start,
            end: section.end,
            xref: section.offset,
            is_stream: section.is_stream,
            hybrid: section.hybrid,
            trailer: section.trailer,
            entries: section.entries,
        };
        let first_page = sections.next_if(|newer| start == 0 && newer.offset < section.offset);
        if let Some(first_page) = first_page {
            revision.xref = first_page.offset;
            revision.is_stream = first_page.is_stream;
            revision.hybrid |= first_page.hybrid;
            revision.trailer = first_page.trailer;
            revision.entries.extend(first_page.entries);
        }
        if section.startxref != revision.xref || section.offset < start || revision.end <= start {
            return Err(Error::malformed(section.offset, "a cross-reference table and its “startxref” do not agree"));
        }
        revisions.push(revision);
    }
    let end = revisions.last().map_or(0, |last| last.end);
    if !context.bytes[end..].iter().all(|&byte| is_space(byte)) {
        return Err(Error::malformed(end, "something stands after the end of the file"));
    }
    Ok(revisions)
}

/// Follows the chain from the end of the file and turns it round.
fn sections(context: &Context<'_>) -> Result<Vec<Section>, Error> {
    let mut chain: Vec<Section> = Vec::new();
    let mut next = Some(last_startxref(context.bytes)?);
    while let Some(offset) = next {
        // strictly decreasing, but for the two sections of a linearised original (§F.3.4): the first stands before the second
        let pair = chain.len().checked_sub(2).map_or(usize::MAX, |before| chain[before].offset);
        if chain.last().is_some_and(|newer| offset == newer.offset || (offset > newer.offset && offset > pair)) || chain.len() >= MAX_SECTIONS {
            return Err(Error::malformed(offset, "the chain of cross-reference tables does not end"));
        }
        let section = xref::section(context, offset)?;
        if context.reading == Reading::Document && section.trailer.has("Encrypt") {
            return Err(Error::refused("encrypted", "trailer", "The PDF is encrypted. Save it without a password and without restrictions, then try again."));
        }
        if chain.last().is_some_and(|newer| offset > newer.offset) && section.previous.is_some() {
            return Err(Error::malformed(offset, "the chain of cross-reference tables goes forward"));
        }
        next = section.previous;
        chain.push(section);
    }
    chain.reverse();
    Ok(chain)
}

fn last_startxref(bytes: &[u8]) -> Result<usize, Error> {
    let missing = || Error::malformed(bytes.len(), "the end of the file is missing or damaged");
    let trim = |bytes: &[u8]| bytes.iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
    let rest = bytes[..trim(bytes)].strip_suffix(b"%%EOF").ok_or_else(missing)?;
    let rest = &rest[..trim(rest)];
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, number) = rest.split_at(rest.len() - digits);
    if !rest[..trim(rest)].ends_with(b"startxref") {
        return Err(missing());
    }
    std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).ok_or_else(missing)
}
