//! The stamp on a page of revision 0: a form XObject of its own, so that its colours do not depend on what the page makes of them.

use std::ops::Range;
use std::rc::Rc;

use super::Draft;
use crate::pdf::page::Page;
use crate::pdf::{Dictionary, Indirect, Reference, Value, appearance, write};
use crate::{Error, Stamp};

impl Draft<'_> {
    /// What the page gets for its stamp: `/Contents` with the stamp after all else, and `/Resources` that know it.
    pub(super) fn stamp(&mut self, stamp: &Stamp, page: &Page, indirect: &Indirect) -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
        let (before, after, form) = (self.reserve(), self.reserve(), self.reserve());
        let [left, bottom, right, top] = appearance::sides(stamp.rect);
        let (across, up) = (right - left, top - bottom);
        self.bodies.insert(form, appearance::form(&stamp.appearance, [across, up], [0.0, 0.0, across, up], page.geometry.rotate));
        let (name, resources) = self.resources(page, indirect, form)?;
        let content = self.contents(page)?;
        // as many as the content needs to leave the state as it found it, so that the stamp stands where it should
        let balance = self.balance(page, &content)?;
        let (saves, restores) = ("q\n".repeat(balance.restores + 1), "\nQ".repeat(balance.restores + balance.saves + 1));
        // what was cut off does not come into view where the page grows; the first of the saves is the last that ends
        let seen = page.geometry.crop;
        let clip = format!("q\n{} re W n\n", [seen[0], seen[1], seen[2] - seen[0], seen[3] - seen[1]].map(appearance::number).join(" "));
        let (saves, restores) = if stamp.strip > 0 { (clip + &saves, restores + "\nQ") } else { (saves, restores) };
        self.bodies.insert(before, write::stream("", saves.as_bytes()));
        let drawn = format!("{restores}\nq\n1 0 0 1 {} {} cm\n/{name} Do\nQ\n", appearance::number(left), appearance::number(bottom));
        self.bodies.insert(after, write::stream("", drawn.as_bytes()));
        let mut added = vec![("Contents", super::list(&[&[before], content.as_slice(), &[after]].concat())), ("Resources", resources)];
        if stamp.strip > 0 {
            let grown = page.geometry.with_strip(stamp.strip);
            let sides = |sides: [f64; 4]| format!("[{}]", sides.map(appearance::number).join(" ")).into_bytes();
            added.extend([("MediaBox", sides(grown.media)), ("CropBox", sides(grown.crop))]);
        }
        Ok(added)
    }

    /// The page's resources, its own or inherited, with one XObject more; and the name that it has in them.
    fn resources(&self, page: &Page, indirect: &Indirect, form: Reference) -> Result<(String, Vec<u8>), Error> {
        let wrong = || Error::refused("page-content", page.reference.to_string(), "The resources of a page are not stored as they must be.");
        let empty = || Held { text: b"<<>>".to_vec(), dictionary: Dictionary::default(), start: 0 };
        let Held { text, dictionary, start } = match self.inherited(indirect)? {
            Some((holder, value)) => self.dictionary(&holder, &value)?.ok_or_else(wrong)?,
            None => empty(),
        };
        let Held { text: objects_text, dictionary: objects, .. } = match dictionary.get("XObject") {
            Some(value) => match value.reference() {
                Some(reference) => match self.view.indirect(reference)? {
                    Some(holder) => self.dictionary(&holder, &holder.value)?.ok_or_else(wrong)?,
                    None => empty(),
                },
                None => match value.dictionary() {
                    Some(objects) => Held::cut(&text, value.span.clone(), objects, start + value.span.start),
                    None if value.is_null() => empty(),
                    None => return Err(wrong()),
                },
            },
            None => empty(),
        };
        let name =
            (0..=usize::MAX).map(|n| format!("SignetStamp{n}")).find(|name| !objects.has(name)).expect("a page names fewer objects than there are numbers");
        let added = [(name.as_str(), form.to_string().into_bytes())];
        let objects = write::spliced_dictionary(&objects_text, 0..objects_text.len(), &objects, &[], &added);
        Ok((name, write::spliced_dictionary(&text, 0..text.len(), &dictionary, &[], &[("XObject", objects)])))
    }

    /// A dictionary that stands in `holder`, or in the object that it refers to there.
    fn dictionary(&self, holder: &Indirect, value: &Value) -> Result<Option<Held>, Error> {
        if let Some(reference) = value.reference() {
            return match self.view.indirect(reference)? {
                Some(target) if target.value.reference().is_none() => self.dictionary(&target, &target.value),
                _ => Ok(None),
            };
        }
        let dictionary = value.dictionary().filter(|_| value.stream().is_none());
        Ok(dictionary.map(|dictionary| Held::cut(holder.source(self.pdf), value.span.clone(), dictionary, value.span.start)))
    }

    /// `/Resources` of a page or of the nearest node above that has them, with the object that holds them. The tree was read before, so it ends.
    fn inherited(&self, page: &Indirect) -> Result<Option<(Rc<Indirect>, Value)>, Error> {
        let mut reference = page.reference;
        for _ in 0..=self.pdf.limits().max_depth {
            let node = self.indirect(reference)?;
            let Some(dictionary) = node.value.dictionary() else { return Ok(None) };
            if let Some(value) = dictionary.get("Resources").filter(|value| !value.is_null()) {
                let value = value.clone();
                return Ok(Some((node, value)));
            }
            let Some(parent) = dictionary.get("Parent").and_then(Value::reference) else { return Ok(None) };
            reference = parent;
        }
        Ok(None)
    }
}

/// A dictionary with its text alone; the spans of its values count in that text.
struct Held {
    text: Vec<u8>,
    dictionary: Dictionary,
    /// Where it stood, in the space that the spans deeper down still count in.
    start: usize,
}

impl Held {
    /// Cuts `span` out of `source`; the dictionary's own spans counted from `start` on.
    fn cut(source: &[u8], span: Range<usize>, dictionary: &Dictionary, start: usize) -> Self {
        let entries = dictionary.entries.iter().map(|(key, value)| {
            let span = value.span.start - start..value.span.end - start;
            (key.clone(), Value { span, kind: value.kind.clone() })
        });
        Self { text: source[span].to_vec(), dictionary: Dictionary::new(entries.collect()).expect("each key stood once before"), start }
    }
}
