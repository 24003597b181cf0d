//! What the program that issued a document must know about it, inside the document: a page-piece dictionary of the catalogue
//! (ISO 32000-2 §14.5). Every signature covers it; readers pass over it.

use crate::pdf::{Pdf, Reference, Value, View, write};
use crate::{Error, Limits, date};

/// Whose data it is, the key in `/PieceInfo`.
const OWNER: &str = "Signet";

/// Most bytes of data that are read.
const MAX_DATA: usize = 16 << 20;

/// The value of `/PieceInfo`. `at` is unix seconds.
pub(super) fn dictionary(at: i64, private: Reference) -> Vec<u8> {
    format!("<</{OWNER}<</LastModified({})/Private {private}>>>>", date(at, 0)).into_bytes()
}

/// The object that holds the data.
pub(super) fn body(data: &[u8]) -> Vec<u8> {
    write::stream("", data)
}

/// Whether a file says that it was issued with such data.
pub(crate) fn is_issued(view: View<'_>) -> Result<bool, Error> {
    let pieces = view.get(&*view.catalog()?, "PieceInfo")?;
    Ok(pieces.dictionary().is_some_and(|pieces| pieces.has(OWNER)))
}

/// The data that [`crate::issue_with_data`] put into a document, as revision 0 has it, whatever came after. None where there is none.
///
/// # Errors
/// When the file cannot be read as a PDF, or what is there is no data of ours.
pub fn issued_data(pdf: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let pdf = Pdf::parse(pdf, &Limits::default())?;
    let view = pdf.view(0);
    let pieces = view.get(&*view.catalog()?, "PieceInfo")?;
    let Some(pieces) = pieces.dictionary() else { return Ok(None) };
    let own = view.get(pieces, OWNER)?;
    let Some(own) = own.dictionary() else { return Ok(None) };
    let private = own.get("Private").map_or(Ok(Value::NULL), |value| view.resolve(value))?;
    let wrong = || Error::malformed(0, "the data of the program that issued the document is no stream");
    view.inflate_to(private.stream().ok_or_else(wrong)?, MAX_DATA).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Issue, issue, issue_with_data};

    fn original() -> Vec<u8> {
        let body = [
            "<</Type/Catalog/Pages 2 0 R/PieceInfo<</Other<</LastModified(D:2026)>>>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        ];
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut offsets = Vec::new();
        for (number, object) in (1..).zip(body) {
            offsets.push(out.len());
            out.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
        }
        let xref = out.len();
        out.extend_from_slice(b"xref\n0 4\n0000000000 65535 f\r\n");
        for offset in offsets {
            out.extend_from_slice(format!("{offset:010} 00000 n\r\n").as_bytes());
        }
        out.extend_from_slice(format!("trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").as_bytes());
        out
    }

    #[test]
    fn data_comes_back_as_it_went_in_and_files_without_are_as_before() {
        let wish = Issue { number: "EXP-1".into(), title: "T".into(), author: "李娜".into(), created_at: 1_795_428_120, fields: Vec::new(), stamp: None };
        let plain = issue(&original(), &wish).unwrap();
        assert_eq!(issued_data(&plain).unwrap(), None);
        let data = "{\"number\":\"EXP-1\",\"title\":\"endstream )>> 李\"}".as_bytes();
        let with = issue_with_data(&original(), &wish, Some(data)).unwrap();
        assert_eq!(issued_data(&with).unwrap().as_deref(), Some(data));
        assert_eq!(issue_with_data(&original(), &wish, None).unwrap(), plain);
        assert!(with.windows(20).any(|window| window == b"/LastModified(D:2026"));
        assert!(matches!(crate::inspect(&with, &Limits::default()), Err(Error::Refused { rule: "issued", .. })));
        // A document that was issued before may be issued anew by who knows better, with its own data alone.
        let again = issue_with_data(&with, &wish, Some(b"{}")).unwrap();
        assert_eq!(issued_data(&again).unwrap().as_deref(), Some(&b"{}"[..]));
    }
}
