//! Files to attack, made by Signet itself, and the tool that appends any revision to them, sound or not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::pki::{NOW, raw};
use pades::pdf::{Kind, Pdf, Value};
use pades::{Appearance, EmptyField, Issue, Limits, SignatureParameters, Stamp, issue, prepare};

use crate::who;

/// How a file lists its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// A cross-reference table.
    Table,
    /// A cross-reference stream.
    Stream,
    /// A cross-reference stream, and objects in object streams.
    Packed,
}

/// A document in three states.
pub struct Base {
    pub name: &'static str,
    /// Revision 0, nobody signed.
    pub zero: Vec<u8>,
    /// `head` signed by Ming.
    pub one: Vec<u8>,
    /// `finance` signed by Fang, too.
    pub two: Vec<u8>,
}

/// A form document and an uploaded one, in all flavours.
pub fn bases() -> Vec<Base> {
    let form = issued(&form_page(), None);
    let upload = issued(&upload_pages(), Some(Stamp { page: 1, rect: [300, 700, 400, 730], appearance: drawing("0 0 10 10 re f"), strip: 0 }));
    vec![
        Base::new("form", form.clone()),
        Base::new("form-stream", rewritten(&form, Flavour::Stream, |_| {})),
        Base::new("form-packed", rewritten(&form, Flavour::Packed, |_| {})),
        Base::new("upload", upload.clone()),
        Base::new("upload-packed", rewritten(&upload, Flavour::Packed, |_| {})),
    ]
}

impl Base {
    pub fn new(name: &'static str, zero: Vec<u8>) -> Self {
        let one = signed(&zero, "head", &who::ming());
        let two = signed(&one, "finance", &who::fang());
        Self { name, zero, one, two }
    }

    /// How its revision 0 lists its objects.
    pub fn flavour(&self) -> Flavour {
        match self.name.split_once('-') {
            Some((_, "packed")) => Flavour::Packed,
            Some(_) => Flavour::Stream,
            None => Flavour::Table,
        }
    }
}

/// The file with `field` signed as Signet's pages do it.
pub fn signed(file: &[u8], field: &str, signer: &who::Signer) -> Vec<u8> {
    let stage = prepare(file, &parameters(field)).unwrap().to_be_signed(&signer.certificate).unwrap();
    let signature = raw(&signer.key(), stage.signed_attributes());
    [file, stage.signed(&signature, &[&who::root()]).unwrap().tail()].concat()
}

pub fn parameters(field: &str) -> SignatureParameters {
    let left = match field {
        "head" => 60,
        "finance" => 200,
        _ => 340,
    };
    SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "王小明 Ming".to_owned(),
        reason: Some("EXP-2026-000123".to_owned()),
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 480,
        appearance: drawing("1 0 0 RG 2 w 4 4 112 112 re S"),
        placement: [left, 60, left + 120, 180],
        contents_reserve: 2048,
    }
}

fn drawing(content: &str) -> Appearance {
    Appearance { width: 120, height: 120, content: content.to_owned() }
}

fn issued(original: &[u8], stamp: Option<Stamp>) -> Vec<u8> {
    let field = |name: &str, left| EmptyField { name: name.to_owned(), page: 1, rect: Some([left, 60, left + 120, 180]), tooltip: "签章".to_owned() };
    let fields = vec![field("head", 60), field("finance", 200), field("board", 340)];
    let wish = Issue { number: "EXP-2026-000123".to_owned(), title: "Taxi".to_owned(), author: "Li Na".to_owned(), created_at: NOW - 3600, fields, stamp };
    issue(original, &wish).unwrap()
}

fn stream(entries: &str, content: &str) -> Vec<u8> {
    format!("<<{entries}/Length {}>>\nstream\n{content}\nendstream", content.len()).into_bytes()
}

fn form_page() -> Vec<u8> {
    let objects = BTreeMap::from([
        (1, b"<</Type/Catalog/Pages 2 0 R>>".to_vec()),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec()),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.27559055118 841.88976378]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_vec()),
        (4, stream("", "BT /F1 12 Tf 72 720 Td (12.80) Tj ET")),
        (5, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec()),
    ]);
    whole(&objects, "/Root 1 0 R", Flavour::Table)
}

/// Three pages with a link, an image, a form XObject, a text field and a check box with two states.
fn upload_pages() -> Vec<u8> {
    let page = |content: u32, more: &str| {
        let resources = "/Resources<</Font<</F1 8 0 R>>/XObject<</Im 9 0 R/Fm 10 0 R>>>>";
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R{resources}{more}>>").into_bytes()
    };
    let objects = BTreeMap::from([
        (1, b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[11 0 R 12 0 R]/DA(/F1 0 Tf)>>/PageMode/UseNone>>".to_vec()),
        (2, b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>".to_vec()),
        (3, page(6, "/Annots[11 0 R 12 0 R 13 0 R]")),
        (4, page(7, "/Rotate 90")),
        (5, page(7, "")),
        (6, stream("", "BT /F1 12 Tf 72 720 Td (12.80) Tj ET q 50 0 0 50 72 600 cm /Im Do Q /Fm Do")),
        (7, stream("", "BT /F1 12 Tf 72 720 Td (second) Tj ET")),
        (8, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec()),
        (9, stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "x")),
        (10, stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 9 9 re f")),
        (11, b"<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(12.80)/F 4/Rect[72 500 172 520]/AP<</N 10 0 R>>>>".to_vec()),
        (12, b"<</Type/Annot/Subtype/Widget/FT/Btn/T(urgent)/V/Off/AS/Off/F 4/Rect[72 450 92 470]/AP<</N<</On 10 0 R/Off 14 0 R>>>>>>".to_vec()),
        (13, b"<</Type/Annot/Subtype/Link/F 4/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org)>>>>".to_vec()),
        (14, stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "")),
    ]);
    whole(&objects, "/Root 1 0 R", Flavour::Table)
}

/// The newest state of every object: its text, a stream with its bytes.
pub fn objects(file: &[u8]) -> BTreeMap<u32, Vec<u8>> {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    let numbers: Vec<u32> = pdf.revisions().iter().flat_map(|revision| revision.entries.keys().copied()).collect();
    numbers.into_iter().filter_map(|number| Some((number, body_of(&pdf, number)?))).collect()
}

fn body_of(pdf: &Pdf<'_>, number: u32) -> Option<Vec<u8>> {
    let indirect = pdf.latest().indirect(pades::pdf::Reference { number, generation: 0 }).unwrap()?;
    let mut body = indirect.source(pdf)[indirect.value.span.clone()].to_vec();
    if let Kind::Stream(found) = &indirect.value.kind {
        if matches!(found.dictionary.get("Type").and_then(Value::name), Some(b"XRef" | b"ObjStm")) {
            return None;
        }
        body.extend_from_slice(b"\nstream\n");
        body.extend_from_slice(&found.raw);
        body.extend_from_slice(b"\nendstream");
    }
    Some(body)
}

/// Revision 0 written anew in another flavour, its objects changed by `change`: what an attacker prepares before the first signature.
pub fn rewritten(file: &[u8], flavour: Flavour, change: impl FnOnce(&mut BTreeMap<u32, Vec<u8>>)) -> Vec<u8> {
    let mut all = objects(file);
    change(&mut all);
    let trailer = format!("/Root {} 0 R/Info {} 0 R/ID[<01><02>]", trailer_number(file, "Root"), trailer_number(file, "Info"));
    whole(&all, &trailer, flavour)
}

pub fn trailer_number(file: &[u8], key: &str) -> u32 {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    pdf.latest().trailer().get(key).and_then(Value::reference).unwrap().number
}

/// A whole file of one revision.
pub fn whole(all: &BTreeMap<u32, Vec<u8>>, trailer: &str, flavour: Flavour) -> Vec<u8> {
    let mut update = Update { flavour: Some(flavour), plain_trailer: Some(trailer.to_owned()), ..Update::default() };
    for (&number, body) in all {
        let packable = flavour == Flavour::Packed && !body.ends_with(b"endstream");
        if packable { update.packed.push((number, body.clone())) } else { update.objects.push((number, 0, body.clone())) }
    }
    update.freed.push((0, 65_535));
    update.onto(b"%PDF-1.7\n")
}

/// A revision to append.
#[derive(Clone, Default)]
pub struct Update {
    pub objects: Vec<(u32, u16, Vec<u8>)>,
    pub packed: Vec<(u32, Vec<u8>)>,
    pub freed: Vec<(u32, u16)>,
    /// Entries that point anywhere: number, offset, generation.
    pub pointed: Vec<(u32, usize, u16)>,
    /// Entries into an object stream that is there: number, stream, index.
    pub pointed_packed: Vec<(u32, u32, u8)>,
    pub flavour: Option<Flavour>,
    /// All of the trailer but `/Size`, instead of what the last one says.
    pub plain_trailer: Option<String>,
    pub more_trailer: String,
    pub without: Vec<&'static str>,
    /// Bytes between the objects and the table.
    pub loose: Vec<u8>,
    pub size: Option<u32>,
    pub previous: Option<usize>,
    pub startxref: Option<usize>,
    /// Bytes of the end instead of `startxref … %%EOF`.
    pub end: Option<String>,
}

impl Update {
    pub fn object(mut self, number: u32, body: impl AsRef<[u8]>) -> Self {
        self.objects.push((number, 0, body.as_ref().to_vec()));
        self
    }

    pub fn stream(self, number: u32, entries: &str, content: &str) -> Self {
        self.object(number, stream(entries, content))
    }

    /// The file with this revision.
    pub fn onto(&self, file: &[u8]) -> Vec<u8> {
        let before = Pdf::parse(file, &Limits::default()).ok();
        let last = before.as_ref().and_then(|pdf| pdf.revisions().last());
        let flavour = self.flavour.unwrap_or(if last.is_some_and(|last| last.is_stream) { Flavour::Stream } else { Flavour::Table });
        let mut out = file.to_vec();
        let mut lines: BTreeMap<u32, [usize; 3]> = self.freed.iter().map(|&(number, generation)| (number, [0, 0, usize::from(generation)])).collect();
        for (number, generation, body) in &self.objects {
            lines.insert(*number, [1, out.len(), usize::from(*generation)]);
            append_object(&mut out, *number, *generation, body);
        }
        let known = before.as_ref().map_or(1, |pdf| pdf.latest().size());
        let listed = lines.keys().chain(self.packed.iter().map(|(number, _)| number)).chain(self.pointed.iter().map(|(number, ..)| number));
        let listed = listed.chain(self.pointed_packed.iter().map(|(number, ..)| number));
        let mut next = listed.max().map_or(1, |most| most + 1).max(known);
        if !self.packed.is_empty() {
            let (mut head, mut content) = (String::new(), Vec::new());
            for (index, (number, body)) in self.packed.iter().enumerate() {
                let _ = write!(head, "{number} {} ", content.len());
                content.extend_from_slice(body);
                content.push(b'\n');
                lines.insert(*number, [2, next as usize, index]);
            }
            lines.insert(next, [1, out.len(), 0]);
            let inside = [head.as_bytes(), &content].concat();
            let mut body = format!("<</Type/ObjStm/N {}/First {}/Length {}>>\nstream\n", self.packed.len(), head.len(), inside.len()).into_bytes();
            body.extend_from_slice(&inside);
            body.extend_from_slice(b"\nendstream");
            append_object(&mut out, next, 0, &body);
            next += 1;
        }
        lines.extend(self.pointed.iter().map(|&(number, offset, generation)| (number, [1, offset, usize::from(generation)])));
        lines.extend(self.pointed_packed.iter().map(|&(number, stream, index)| (number, [2, stream as usize, usize::from(index)])));
        out.extend_from_slice(&self.loose);
        let xref = out.len();
        let mut trailer = self.plain_trailer.clone().unwrap_or_default();
        if let (Some(last), None) = (last, &self.plain_trailer) {
            for (key, value) in last.trailer.entries.iter().filter(|(key, _)| matches!(&**key, b"Root" | b"Info" | b"ID")) {
                let key = String::from_utf8_lossy(key);
                let text = String::from_utf8_lossy(&file[value.span.clone()]);
                if !self.without.contains(&&*key) {
                    let _ = write!(trailer, "/{key} {text}");
                }
            }
            let _ = write!(trailer, "/Prev {}", self.previous.unwrap_or(last.xref));
        }
        trailer += &self.more_trailer;
        if flavour == Flavour::Table {
            let mut table = "xref\n".to_owned();
            for (number, [kind, offset, generation]) in &lines {
                let _ = write!(table, "{number} 1\n{offset:010} {generation:05} {}\r\n", if *kind == 1 { 'n' } else { 'f' });
            }
            let _ = writeln!(table, "trailer\n<</Size {}{trailer}>>", self.size.unwrap_or(next));
            out.extend_from_slice(table.as_bytes());
        } else {
            lines.insert(next, [1, xref, 0]);
            let (mut index, mut data) = (String::new(), Vec::new());
            for (number, [kind, offset, third]) in &lines {
                let _ = write!(index, "{number} 1 ");
                data.push(*kind as u8);
                data.extend_from_slice(&(*offset as u32).to_be_bytes());
                data.extend_from_slice(&(*third as u16).to_be_bytes());
            }
            let head = format!("<</Type/XRef/Size {}{trailer}/W[1 4 2]/Index[{index}]/Length {}>>\nstream\n", self.size.unwrap_or(next + 1), data.len());
            append_object(&mut out, next, 0, &[head.as_bytes(), &data, b"\nendstream"].concat());
        }
        let end = self.end.clone().unwrap_or_else(|| format!("startxref\n{}\n%%EOF\n", self.startxref.unwrap_or(xref)));
        out.extend_from_slice(end.as_bytes());
        out
    }
}

fn append_object(out: &mut Vec<u8>, number: u32, generation: u16, body: &[u8]) {
    out.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(b"\nendobj\n");
}
