//! What earlier signatures forbid: certified documents (`/DocMDP`) and locked fields (`/FieldMDP`, `/Lock`).

use crate::annotations::with_new_field;
use crate::builder::{Base, Update, signed};
use crate::case::{Attack, Attacks};
use crate::forge::{Recipe, dictionary, sealed};
use crate::parts::Parts;
use crate::shadow::insider;
use crate::who::{fang, ming};

/// Revision 0 with `head` signed so that it forbids something.
pub fn restricted(base: &Base, reference: &str, perms: bool, lock: &str) -> Vec<u8> {
    let parts = Parts::of(&base.zero);
    let number = parts.next + 5;
    let mut update = Update::default().object(parts.field("head"), parts.filled("head", &format!("{number} 0 R{lock}"))).object(number, dictionary(reference));
    if perms {
        update = update.object(parts.catalog, parts.with(parts.catalog, &format!("/Perms<</DocMDP {number} 0 R>>")));
    }
    sealed(&update.onto(&base.zero), &Recipe::of(&ming()))
}

pub fn certification(permission: &str) -> String {
    format!("/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2{permission}>>>>]")
}

pub fn locking(action: &str) -> String {
    format!("/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2{action}>>>>]")
}

pub fn attacks(base: &Base) -> Vec<Attack> {
    let mut attacks = Attacks::new(base, "permissions");
    let failed = |rule: &str| format!("TOTAL-FAILED FORMAT_FAILURE {rule}");
    // certified as final, in all the ways to say or to hide it
    for (name, reference, perms) in [
        ("certified as final", certification("/P 1"), true),
        ("certified as final, not in the catalogue", certification("/P 1"), false),
        ("certified with nought", certification("/P 0"), true),
        ("certified with four", certification("/P 4"), true),
        ("certified with a name", certification("/P/x"), true),
        ("certified with a real", certification("/P 1.5"), true),
        ("certified twice", certification("/P 3").replace(">>>>]", &format!(">>>>{}", certification("/P 1").replacen("/Reference[", "", 1))), true),
        ("certified by something that cannot be read", "/Reference(x)".to_owned(), true),
    ] {
        let file = restricted(base, &reference, perms, "");
        attacks.prepare(&format!("{name}, then prepared"), file.clone(), "finance", "REFUSED certified");
        let filled = insider(&file, Update::default());
        attacks.outside(&format!("{name}, then signed, as a decision"), &file, filled.clone(), "finance", &fang(), &failed("doc-mdp"));
        attacks.fails(&format!("{name}, then signed"), filled, "doc-mdp");
    }
    for permission in [1, 2, 3] {
        let file = restricted(base, &certification(&format!("/P {permission}")), true, "");
        let own = Parts::of(&file);
        attacks.fails(&format!("certified with {permission}, then a new field"), with_new_field(&file, &fang()), "doc-mdp");
        let text = own.with(own.page, "/Rotate 270").replacen("/Rotate 90", "", 1);
        attacks.fails(&format!("certified with {permission}, then a page turned"), Update::default().object(own.page, text).onto(&file), "changed");
        let removed = own.text(own.catalog).replacen("/Perms", "/Permz", 1);
        attacks.fails(&format!("certified with {permission}, then forgotten"), Update::default().object(own.catalog, removed).onto(&file), "catalogue");
        let number = own.next + 9;
        let comment = own.replaced(own.page, "/Annots [", &format!("/Annots [{number} 0 R "));
        let update = Update::default().object(own.page, comment).object(number, "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(x)>>");
        attacks.fails(&format!("certified with {permission}, then a comment"), update.onto(&file), "changed");
    }
    for (name, reference, lock) in [
        ("all fields locked", locking("/Action/All"), ""),
        ("the field locked", locking("/Action/Include/Fields[(finance)]"), ""),
        ("all but another locked", locking("/Action/Exclude/Fields[(board)]"), ""),
        ("locked by an unknown action", locking("/Action/Sometimes/Fields[(x)]"), ""),
        ("locked by no action", locking(""), ""),
        ("locked by names that are none", locking("/Action/Exclude/Fields[1 2]"), ""),
        ("locked by the field alone", String::new(), "/Lock<</Type/SigFieldLock/Action/All>>"),
    ] {
        let file = restricted(base, &reference, false, lock);
        attacks.prepare(&format!("{name}, then prepared"), file.clone(), "finance", "REFUSED locked");
        let filled = insider(&file, Update::default());
        attacks.outside(&format!("{name}, then signed, as a decision"), &file, filled.clone(), "finance", &fang(), &failed("field-mdp"));
        attacks.fails(&format!("{name}, then signed"), filled, "field-mdp");
    }
    // who certifies or locks in the middle stops the others
    let mdp = "INDETERMINATE SIG_CONSTRAINTS_FAILURE mdp";
    for (name, reference) in [("certifies", certification("/P 1")), ("certifies, still to be signed", certification("/P 2")), ("locks", locking("/Action/All"))]
    {
        let file = restricted(base, &reference, false, "");
        attacks.outside(&format!("a decision that {name}"), &base.zero, file, "head", &ming(), mdp);
    }
    let file = restricted(base, "", false, "/Lock<</Type/SigFieldLock/Action/All>>");
    attacks.outside("a decision that brings a lock", &base.zero, file, "head", &ming(), mdp);
    attacks.list
}

/// What stays possible.
pub fn allowed(base: &Base) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = Vec::new();
    for (name, reference, perms) in [
        ("P 2", certification("/P 2"), true),
        ("P 3", certification("/P 3"), true),
        ("P not said", certification(""), true),
        ("another field locked", locking("/Action/Include/Fields[(board)]"), false),
        ("all but this one locked", locking("/Action/Exclude/Fields[(finance)]"), false),
    ] {
        files.push((name, signed(&restricted(base, &reference, perms, ""), "finance", &fang())));
    }
    files
}
