//! Layers (optional content, ISO 32000-2 §8.11) that hide nothing: all are on, for the screen and for paper, and nothing switches them. They are
//! taken out, and their content stays as it is seen. Layers that hide something, or could, are left for `inspect` to refuse.

use super::Draft;
use crate::pdf::{Dictionary, Kind, Value};

/// Levels of a visibility expression.
const MAX_EXPRESSION: usize = 16;

impl Draft<'_> {
    /// Whether there are layers that can be taken out.
    pub(super) fn flatten(&self) -> bool {
        let Some(catalog) = self.catalog().filter(|catalog| catalog.has("OCProperties")) else { return false };
        let properties = self.get(catalog, "OCProperties");
        if properties.is_null() {
            return true;
        }
        let Some(properties) = properties.dictionary() else { return false };
        let mut configurations = vec![self.get(properties, "D")];
        configurations.extend(self.get(properties, "Configs").array().unwrap_or_default().iter().map(|one| self.resolve(one)));
        let groups = self.get(properties, "OCGs");
        let shown = |group: &Value| self.resolve(group).dictionary().is_none_or(|group| self.is_shown(group));
        let all = groups.array().unwrap_or_default().iter().all(shown) && configurations.iter().all(|one| self.shows_all(one));
        all && self.objects.values().all(|value| self.shows(value))
    }

    /// A configuration in which every layer is on (table 99).
    fn shows_all(&self, configuration: &Value) -> bool {
        let Some(own) = configuration.dictionary() else { return configuration.is_null() };
        let none = |key: &str| match self.get(own, key) {
            list if list.is_null() => true,
            list => list.array().is_some_and(|items| items.iter().all(|item| self.resolve(item).is_null())),
        };
        let base = self.get(own, "BaseState");
        let events = self.get(own, "AS");
        // by zoom, language or reader they come and go
        let plain = |category: &Value| matches!(self.resolve(category).name(), Some(b"View" | b"Print" | b"Export"));
        let fixed = |event: &Value| {
            let event = self.resolve(event);
            event.dictionary().is_none_or(|event| self.get(event, "Category").array().is_some_and(|categories| categories.iter().all(plain)))
        };
        (base.is_null() || base.name() == Some(b"ON"))
            && none("OFF")
            && none("RBGroups")
            && (events.is_null() || events.array().is_some_and(|events| events.iter().all(fixed)))
    }

    /// Whether a value holds no layer that is off for somebody, and no condition that fails.
    fn shows(&self, value: &Value) -> bool {
        match &value.kind {
            Kind::Array(items) => items.iter().all(|item| self.shows(item)),
            Kind::Dictionary(_) | Kind::Stream(_) => value.dictionary().is_none_or(|own| {
                let here = match self.get(own, "Type").name() {
                    Some(b"OCG") => self.is_shown(own),
                    Some(b"OCMD") => self.is_met(own),
                    _ => true,
                };
                here && own.entries.iter().all(|(_, value)| self.shows(value))
            }),
            _ => true,
        }
    }

    /// A layer that its usage calls off nowhere: some viewers obey that without being told to (table 100).
    fn is_shown(&self, group: &Dictionary) -> bool {
        let usage = self.get(group, "Usage");
        let Some(usage) = usage.dictionary() else { return usage.is_null() };
        [("View", "ViewState"), ("Print", "PrintState"), ("Export", "ExportState")].into_iter().all(|(category, state)| {
            let category = self.get(usage, category);
            category.dictionary().is_none_or(|own| self.get(own, state).name() != Some(b"OFF"))
        })
    }

    /// A condition that is met when every layer is on (table 97).
    fn is_met(&self, condition: &Dictionary) -> bool {
        let (expression, policy) = (self.get(condition, "VE"), self.get(condition, "P"));
        let positive = policy.is_null() || matches!(policy.name(), Some(b"AnyOn" | b"AllOn"));
        positive && (expression.is_null() || self.is_true(&expression, 0) == Some(true))
    }

    /// A visibility expression (§8.11.2.2) when every layer is on; none where it cannot be told.
    fn is_true(&self, expression: &Value, depth: usize) -> Option<bool> {
        let expression = self.resolve(expression);
        if depth > MAX_EXPRESSION {
            return None;
        }
        let Some((operator, operands)) = expression.array().and_then(<[Value]>::split_first) else {
            return expression.dictionary().filter(|own| self.get(own, "Type").name() == Some(b"OCG")).map(|_| true);
        };
        let operands = operands.iter().take(64).map(|operand| self.is_true(operand, depth + 1)).collect::<Option<Vec<_>>>()?;
        match (self.resolve(operator).name()?, operands.as_slice()) {
            (b"Not", [one]) => Some(!one),
            (b"And", [_, ..]) => Some(operands.iter().all(|&one| one)),
            (b"Or", [_, ..]) => Some(operands.iter().any(|&one| one)),
            _ => None,
        }
    }
}

/// Whether it is a layer or a condition upon layers.
pub(super) fn is_layer(draft: &Draft<'_>, value: &Value) -> bool {
    let kind = value.dictionary().map(|own| draft.get(own, "Type"));
    matches!(kind.as_ref().and_then(Value::name), Some(b"OCG" | b"OCMD"))
}
